using Devloop.Dockerfiles;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;

namespace Devloop.Web.Tests;

/// <summary>States of a small run: an app on a base, and the workload that runs it.</summary>
internal static class GivenRun
{
    public static EngineState Begun()
    {
        FakeFileTree files = new FakeFileTree()
            .Write("devloop.yaml", """
                version: 1
                name: shop
                images:
                  base: {context: base}
                  app: {context: app}
                manifests: [app.yml]
                resources:
                  app: {port_forwards: ["8080:80"], labels: [front], links: ["https://example.com/runbook"]}
                """)
            .Write("base/Dockerfile", "FROM scratch\nCOPY . /\n").Write("base/lib.txt", "lib")
            .Write("app/Dockerfile", "FROM base\nCOPY . /\n").Write("app/main.txt", "main")
            .Write("app.yml", """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: app}
                spec:
                  selector: {matchLabels: {app: app}}
                  template:
                    metadata: {labels: {app: app}}
                    spec: {containers: [{name: app, image: app}]}
                """);
        var loaded = ProjectLoader.Load(files, "devloop.yaml", new Dictionary<string, string>(), new BuildPlatform("linux", "amd64"));
        loaded.TryGet(out ResolvedProject? project).ShouldBeTrue(string.Join("; ", loaded.Diagnostics.Select(d => d.Message)));
        return EngineState.Initial(project!, new RunOptions { Mode = RunMode.Up });
    }

    /// <summary>The same run with an image whose build failed after these steps.</summary>
    public static EngineState Failed(this EngineState state, string image, BuildSteps steps)
    {
        var name = new ImageName(image);
        return state with { Images = state.Images.SetItem(name, state.Images[name] with { Dirty = false, Failure = new ImageFailure([], Environment: false) { Steps = steps } }) };
    }

    /// <summary>The same run with its config broken on disk.</summary>
    public static EngineState ConfigBroken(this EngineState state, string message) =>
        state with { ConfigProblems = [Diagnostics.Diagnostic.Error(Diagnostics.DiagnosticCode.UnknownKey, message)] };
}
