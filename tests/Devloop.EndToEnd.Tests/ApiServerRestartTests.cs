using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>An API server that dies and is started again while `up` runs: nobody has to do anything, and nothing is lost.</summary>
[Trait("Needs", "Cluster")]
public sealed class ApiServerRestartTests
{
    [Fact]
    public async Task Edits_of_files_and_manifests_that_were_made_meanwhile_are_served_and_what_others_did_is_noticed()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using OwnApiServer server = await OwnApiServer.StartAsync();
        int port = Browser.FreePort();
        await using TestProject project = await Quickstart.CreateAsync(@namespace, port);
        project.Write("kubeconfig", await server.KubeconfigAsync());
        project.Environment["KUBECONFIG"] = project.PathOf("kubeconfig");
        string manifests = ManifestText.Deployment(Quickstart.App, project.Image("app")) + "\n---\n";
        project.Write("app.yml", manifests + ManifestProject.ConfigMap("settings", "one"));
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        PodSeen first = await @namespace.PodAsync(Quickstart.App);

        await server.KillAsync();
        int mark = up.Events.Count;
        project.Write("site/index.html", "second page\n");
        project.Write("app.yml", manifests + ManifestProject.ConfigMap("settings", "two"));
        await up.SeenAsync("build_finished", project.Image("app"), outcome: "built", from: mark);
        await up.SeenAsync("deploy_finished", resource: Quickstart.App, outcome: "failed", from: mark);
        await server.ReturnAsync();

        await up.SeenAsync("deploy_finished", resource: Quickstart.App, outcome: "applied", from: mark);
        await up.SeenAsync("deploy_finished", resource: "uncategorized", outcome: "applied", from: mark);
        await up.ReadyAsync(mark);
        (await Browser.GetAsync(port, "index.html")).ShouldBe("second page\n");
        ((string)(await @namespace.GetAsync("configmap", "settings"))["data"]!["a"]!).ShouldBe("two");
        PodSeen second = await @namespace.PodAsync(Quickstart.App);
        second.Uid.ShouldNotBe(first.Uid);

        // The watches came back too: the fall of a pod is seen, and the next one forwarded to.
        await @namespace.KubectlAsync("delete", "pod", second.Name, "--wait=true");
        (await Browser.GetAsync(port, "index.html")).ShouldBe("second page\n");
        mark = up.Events.Count;
        project.Write("site/index.html", "third page\n");
        await up.ReadyAsync(mark);
        (await Browser.GetAsync(port, "index.html")).ShouldBe("third page\n");
        await up.StopAsync();
    }
}
