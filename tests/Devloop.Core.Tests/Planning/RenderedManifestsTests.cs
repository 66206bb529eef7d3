using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;

namespace Devloop.Core.Tests.Planning;

/// <summary>Manifests that kustomize and helm make: what is read of them, when they are made again, and what is said when they are not.</summary>
public sealed class RenderedManifestsTests
{
    private const string Web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {}\n";

    private readonly FakeFileTree _files = new FakeFileTree()
        .Write("overlays/dev/kustomization.yaml", """
            resources: [../../base, extra.yaml, "https://example.com/remote.yaml", github.com/org/repo]
            components: [../../components/debug]
            patches: [{path: patch.yaml}, {patch: "- op: add"}]
            patchesStrategicMerge:
              - old.yaml
              - |
                kind: ConfigMap
            replacements: [{path: replace.yaml}]
            configMapGenerator:
              - {name: settings, files: [app.properties, key=named.txt], envs: [.env]}
            secretGenerator: [{name: secret, env: secret.env}]
            transformers: [suffix.yaml]
            openapi: {path: schema.json}

            """)
        .Write("overlays/dev/extra.yaml", Web).Write("overlays/dev/patch.yaml", Web).Write("overlays/dev/old.yaml", Web).Write("overlays/dev/replace.yaml", "[]")
        .Write("overlays/dev/app.properties", "a=b").Write("overlays/dev/named.txt", ": [").Write("overlays/dev/.env", "A=1").Write("overlays/dev/secret.env", "A=1")
        .Write("overlays/dev/suffix.yaml", "a: b").Write("overlays/dev/schema.json", "{}").Write("overlays/dev/unread.yaml", Web)
        .Write("base/kustomization.yml", "resources: [web.yaml, ../overlays/dev]\n").Write("base/web.yaml", Web).Write("components/debug/Kustomization", "kind: Component\n")
        .Write("charts/shop/Chart.yaml", "name: store\ndependencies: [{name: common, repository: \"file://../common\"}, {name: redis, repository: \"https://charts.example.com\"}]\n")
        .Write("charts/shop/templates/web.yaml", "kind: Deployment\nmetadata:\n  name: {{ .Values.web.name }}\n")
        .Write("charts/shop/templates/_helpers.tpl", "{{ define \"x\" }}\n{{ fail }}\n")
        .Write("charts/common/Chart.yaml", "name: common\n").Write("charts/common/values.yaml", "a: b\n").Write("dev.yaml", "a: c\n");

    [Fact]
    public void Everything_that_a_kustomization_reaches_is_a_file_of_the_config_and_nothing_else()
    {
        ResolvedProject project = Load("- kustomize: overlays/dev", new FakeManifestTool(Web)).Value.ShouldNotBeNull();
        string[] read = [.. project.ConfigFiles.Where(f => f != "devloop.yaml" && _files.KindOf(f) == PathKind.File)];
        read.ShouldBe(
        [
            "base/kustomization.yml", "base/web.yaml", "components/debug/Kustomization", "overlays/dev/.env", "overlays/dev/app.properties", "overlays/dev/extra.yaml",
            "overlays/dev/kustomization.yaml", "overlays/dev/named.txt", "overlays/dev/old.yaml", "overlays/dev/patch.yaml", "overlays/dev/replace.yaml", "overlays/dev/schema.json",
            "overlays/dev/secret.env", "overlays/dev/suffix.yaml",
        ]);
        project.IsConfig("base/web.yaml").ShouldBeTrue();
        project.IsConfig("overlays/dev/unread.yaml").ShouldBeFalse();
        project.Resources.ShouldHaveSingleItem().Name.Value.ShouldBe("web");
    }

    [Fact]
    public void Every_file_of_a_chart_and_of_the_charts_beside_it_counts_also_one_that_comes_later()
    {
        ResolvedProject project = Load("- helm: {chart: charts/shop, values: [dev.yaml]}", new FakeManifestTool(Web)).Value.ShouldNotBeNull();
        foreach (string path in new[] { "charts/shop/templates/web.yaml", "charts/shop/templates/new.yaml", "charts/common/values.yaml", "dev.yaml" })
            project.IsConfig(path).ShouldBeTrue(path);
        project.IsConfig("charts/other/values.yaml").ShouldBeFalse();
        project.WatchRoots().ShouldContain(_files.Root);
    }

    [Fact]
    public void What_lies_outside_the_project_is_known_by_the_path_by_which_a_watch_sees_it()
    {
        _files.Write("overlays/dev/kustomization.yaml", "resources: [../../../platform/base]\n").Write("/platform/base/kustomization.yaml", "resources: [web.yaml]\n").Write("/platform/base/web.yaml", Web)
            .Write("/platform/chart/Chart.yaml", "name: c\n");
        ResolvedProject project = Load("- kustomize: overlays/dev\n  - helm: {chart: ../platform/chart, release: a}", new FakeManifestTool(s => new ManifestToolResult.Rendered(s is RenderedManifests.Helm ? "" : Web))).Value.ShouldNotBeNull();
        project.IsConfig("/platform/base/web.yaml").ShouldBeTrue();
        project.IsConfig("/platform/chart/templates/new.yaml").ShouldBeTrue();
        project.IsConfig("/platform/other.yaml").ShouldBeFalse();
        project.WatchRoots().ShouldBe(["/platform/base", "/platform/chart", "/project"]);
    }

    [Fact]
    public void The_same_inputs_are_rendered_once()
    {
        var tool = new FakeManifestTool(Web);
        var renderer = new ManifestRenderer(tool);
        const string Sources = "- kustomize: overlays/dev\n  - helm: {chart: charts/shop, release: a, namespace: other, values: [dev.yaml]}";
        Load(Sources, renderer);
        tool.Runs.ShouldBe(2);
        _files.Write("overlays/dev/unread.yaml", "changed");
        Load(Sources, renderer);
        tool.Runs.ShouldBe(2);
        _files.Write("base/web.yaml", Web + "# changed\n");
        Load(Sources, renderer);
        tool.Runs.ShouldBe(3);
        _files.Write("charts/common/values.yaml", "a: changed\n");
        Load(Sources, renderer);
        tool.Runs.ShouldBe(4);
        Load(Sources.Replace("release: a", "release: b", StringComparison.Ordinal), renderer);
        tool.Runs.ShouldBe(5);
    }

    [Fact]
    public void A_tool_that_is_not_there_is_named_with_what_it_is_for()
    {
        Diagnostic missing = Problem("- helm: {chart: charts/shop}", _ => new ManifestToolResult.Missing("helm"));
        (missing.Code, missing.Message).ShouldBe((DiagnosticCode.ToolMissing, "`helm` is not installed, which renders chart `charts/shop`"));
        missing.At.ShouldNotBeNull().Line.ShouldBe(3);
        Problem("- kustomize: overlays/dev", _ => new ManifestToolResult.Missing("kustomize")).Help.ShouldNotBeNull().ShouldContain("kubectl");
    }

    [Theory]
    // The forms are those of helm 3: errors of execution, of parsing, and of YAML that came out.
    [InlineData("Error: template: store/templates/web.yaml:3:18: executing \"store/templates/web.yaml\" at <.Values.web.name>: nil pointer evaluating interface {}.name\n\nUse --debug flag to render out invalid YAML\n",
        "charts/shop/templates/web.yaml:3:19", "nil pointer evaluating interface {}.name")]
    [InlineData("Error: template: store/templates/web.yaml:1:3: executing \"store/templates/web.yaml\" at <include \"x\" .>: error calling include: template: store/templates/_helpers.tpl:2:3: executing \"x\" at <fail>: wrong number of args for fail: want 1 got 0\n",
        "charts/shop/templates/_helpers.tpl:2:4", "wrong number of args for fail: want 1 got 0")]
    [InlineData("Error: parse error at (store/templates/web.yaml:3): function \"toYam\" not defined\n", "charts/shop/templates/web.yaml:3:1", "function \"toYam\" not defined")]
    [InlineData("WARNING: Kubernetes configuration file is group-readable.\nError: YAML parse error on store/templates/web.yaml: error converting YAML to JSON: yaml: line 7: did not find expected key\n\nUse --debug flag to render out invalid YAML\n",
        "charts/shop/templates/web.yaml:1:1", "it renders YAML that does not read: did not find expected key (line 7 of the output)")]
    [InlineData("Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis\n",
        "devloop.yaml:3:19", "An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis")]
    [InlineData("", "devloop.yaml:3:19", "it said nothing")]
    public void What_helm_says_is_said_at_the_place_that_it_means(string stderr, string at, string message)
    {
        Diagnostic failed = Problem("- helm: {chart: charts/shop}", _ => new ManifestToolResult.Failed("helm template shop", stderr));
        (failed.Code, failed.At!.ToString(), failed.Message).ShouldBe((DiagnosticCode.RenderFailed, at, $"helm could not render chart `charts/shop`: {message}"));
        failed.Notes.ShouldBe(["the command was `helm template shop`"]);
        failed.Help.ShouldBe(stderr.Contains("redis", StringComparison.Ordinal) ? "`helm dependency build charts/shop` fetches the charts that it depends on" : null);
    }

    [Theory]
    // As kustomize says it, and in the two forms in which kubectl logs it.
    [InlineData("Error: accumulating resources: accumulation err='accumulating resources from '../../base': '/project/base' must resolve to a file': recursed accumulation of path '/project/base': no resource matches strategic merge patch\n", "no resource matches strategic merge patch")]
    [InlineData("E1121 14:46:52 1 run.go:72] \"command failed\" err=\"accumulation err='x': couldn't make target for path '/project/base': invalid Kustomization: json: unknown field \\\"patchess\\\"\"\n", "invalid Kustomization: json: unknown field \"patchess\"")]
    [InlineData("E1121 14:46:52 1 run.go:72] \"command failed\" err=<\n\taccumulation err='x': recursed accumulation of path '/project/base': trouble configuring builtin PatchTransformer with config: `\n\tpath: p.yaml\n\t`: failed\n >\n", "trouble configuring builtin PatchTransformer with config: ` path: p.yaml `: failed")]
    public void What_kustomize_says_is_said_of_the_base_that_it_means(string stderr, string message)
    {
        _files.Write("base/kustomization.yaml", "resources: []\n");
        Diagnostic failed = Problem("- kustomize: overlays/dev", _ => new ManifestToolResult.Failed("kubectl kustomize", stderr));
        (failed.At!.ToString(), failed.Message).ShouldBe(("base/kustomization.yaml:1:1", $"kustomize could not render kustomization `overlays/dev`: {message}"));
    }

    [Fact]
    public void A_file_that_a_kustomization_names_and_that_is_missing_or_broken_is_pointed_at()
    {
        _files.Write("base/kustomization.yml", "resources:\n  - web.yaml\n  - nope.yaml\n");
        Diagnostic missing = Problem("- kustomize: overlays/dev", _ => new ManifestToolResult.Failed("kustomize build", "Error: x"));
        (missing.At!.ToString(), missing.Message).ShouldBe(("base/kustomization.yml:3:5", "kustomization `overlays/dev` does not render: `base/nope.yaml` does not exist"));
        _files.Write("base/nope.yaml", "a: b\n c: d\n");
        Problem("- kustomize: overlays/dev", _ => new ManifestToolResult.Failed("kustomize build", "Error: x")).At!.File.ShouldBe("base/nope.yaml");
    }

    [Fact]
    public void A_problem_of_what_came_out_names_the_template()
    {
        const string Out = "---\n# Source: store/templates/web.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# Source: store/charts/common/templates/b.yaml\napiVersion: v1\nkind: Secret\n";
        Diagnostic nameless = Problem("- helm: {chart: charts/shop}", _ => new ManifestToolResult.Rendered(Out));
        nameless.At!.File.ShouldBe("charts/shop/charts/common/templates/b.yaml (rendered)");
        nameless.Code.ShouldBe(DiagnosticCode.ManifestObject);
    }

    [Fact]
    public void Objects_of_a_release_go_to_its_namespace_and_hooks_of_its_tests_and_end_do_not_go_anywhere()
    {
        const string Out = """
            ---
            # Source: store/templates/a.yaml
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: mine}
            ---
            # Source: store/templates/b.yaml
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: elsewhere, namespace: other}
            ---
            # Source: store/templates/c.yaml
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: everywhere}
            ---
            # Source: store/templates/d.yaml
            apiVersion: v1
            kind: Pod
            metadata: {name: tested, annotations: {"helm.sh/hook": "test, post-delete"}}
            ---
            # Source: store/templates/e.yaml
            apiVersion: batch/v1
            kind: Job
            metadata: {name: first, annotations: {"helm.sh/hook": "pre-install,pre-upgrade"}}

            """;
        ResolvedProject project = Load("- helm: {chart: charts/shop, namespace: shop}", new FakeManifestTool(Out)).Value.ShouldNotBeNull();
        project.Resources.SelectMany(r => r.Objects).Select(o => $"{o.Namespace}/{o.Name}").ShouldBe(["shop/mine", "other/elsewhere", "/everywhere", "shop/first"], ignoreOrder: true);
    }

    [Fact]
    public void A_chart_or_its_values_that_are_missing_are_said_before_any_tool_runs()
    {
        var tool = new FakeManifestTool(Web);
        Parsed<ResolvedProject> loaded = Load("- helm: {chart: charts/none, values: [nix.yaml]}\n  - kustomize: nowhere", tool);
        loaded.Diagnostics.Select(d => d.Message).ShouldBe(["chart `charts/none` does not exist", "values `nix.yaml` of chart `charts/none` do not exist", "kustomization `nowhere` does not exist"]);
        tool.Runs.ShouldBe(0);
    }

    private Diagnostic Problem(string source, Func<RenderedManifests, ManifestToolResult> render) =>
        Load(source, new FakeManifestTool(render)).Diagnostics.ShouldHaveSingleItem();

    private Parsed<ResolvedProject> Load(string source, FakeManifestTool tool) => Load(source, new ManifestRenderer(tool));

    private Parsed<ResolvedProject> Load(string source, ManifestRenderer renderer) =>
        ProjectLoader.Load(_files.Write("devloop.yaml", $"version: 1\nmanifests:\n  {source}\n"), "devloop.yaml", ImmutableDictionary<string, string>.Empty, new BuildPlatform("linux", "amd64"), renderer);
}
