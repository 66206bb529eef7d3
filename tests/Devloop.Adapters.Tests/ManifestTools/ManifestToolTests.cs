using System.Runtime.Versioning;
using Devloop.Adapters.ManifestTools;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.ManifestTools;

/// <summary>The tools as programs: kubectl's own kustomize, and a stand-in for helm that tells how it was called.</summary>
[Collection(SshHost.Alone)]
[UnsupportedOSPlatform("windows")]
public sealed class ManifestToolTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly string _path = Environment.GetEnvironmentVariable("PATH")!;

    [Fact]
    public void Kubectl_renders_a_kustomization_where_there_is_no_kustomize()
    {
        _files.Write("overlays/dev/kustomization.yaml", "resources: [../../base]\nnamePrefix: dev-\n").Write("base/kustomization.yaml", "resources: [a.yaml]\n")
            .Write("base/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
        Kustomize("overlays/dev").ShouldBeOfType<ManifestToolResult.Rendered>().Text.ShouldContain("name: dev-a");
    }

    [Fact]
    public void Kustomize_itself_goes_first()
    {
        Program("kustomize", "printf '%s\\n' \"$@\"");
        Kustomize("overlays/dev").ShouldBeOfType<ManifestToolResult.Rendered>().Text.ShouldBe($"build\n{_files["overlays/dev"]}\n");
    }

    [Fact]
    public void A_kustomization_that_does_not_render_gives_the_tools_own_words()
    {
        _files.Write("broken/kustomization.yaml", "resources: [nope.yaml]\n");
        ManifestToolResult.Failed failed = Kustomize("broken").ShouldBeOfType<ManifestToolResult.Failed>();
        failed.Error.ShouldContain("nope.yaml");
        failed.Command.ShouldEndWith("broken");
    }

    [Fact]
    public void Helm_gets_release_chart_values_and_settings_as_they_are_meant()
    {
        Program("helm", "printf '%s\\n' \"$@\"");
        var helm = new RenderedManifests.Helm("charts/shop", "store", ["base.yaml", "dev.yaml"],
            [new HelmValue("image.tag", "1.2", IsText: true), new HelmValue("replicas", "2", IsText: false), new HelmValue("text", "{a,b\\c", IsText: true)], "team", null);
        new ManifestTool().Render(helm, _files.Root).ShouldBeOfType<ManifestToolResult.Rendered>().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "template", "store", _files["charts/shop"], "--include-crds", "--skip-tests", "--namespace", "team", "--values", _files["base.yaml"], "--values", _files["dev.yaml"],
            "--set-string", "image.tag=1.2", "--set", "replicas=2", "--set-string", "text=\\{a\\,b\\\\c",
        ]);
    }

    [Fact]
    public void A_chart_that_does_not_render_gives_helms_own_words()
    {
        Program("helm", "echo 'half of it'; echo 'Error: parse error at (shop/templates/a.yaml:3): unclosed action' >&2; exit 1");
        Helm().ShouldBeOfType<ManifestToolResult.Failed>().Error.ShouldBe("Error: parse error at (shop/templates/a.yaml:3): unclosed action\n");
    }

    [Fact]
    public void Where_no_tool_is_installed_the_usual_one_is_named()
    {
        Environment.SetEnvironmentVariable("PATH", _files.Root);
        Helm().ShouldBe(new ManifestToolResult.Missing("helm"));
        Kustomize(".").ShouldBe(new ManifestToolResult.Missing("kustomize"));
    }

    private ManifestToolResult Kustomize(string directory) => new ManifestTool().Render(new RenderedManifests.Kustomize(directory, null), _files.Root);

    private ManifestToolResult Helm() => new ManifestTool().Render(new RenderedManifests.Helm("charts/shop", "shop", [], [], null, null), _files.Root);

    /// <summary>A program of that name, before all others.</summary>
    private void Program(string name, string script)
    {
        _files.Write($"bin/{name}", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(_files[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", _files["bin"] + ":" + _path);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        _files.Dispose();
    }
}
