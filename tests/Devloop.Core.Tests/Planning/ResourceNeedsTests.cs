using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Clusters;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public sealed class ResourceNeedsTests
{
    [Fact]
    public void What_brings_a_kind_or_a_namespace_comes_before_what_uses_it()
    {
        ResolvedProject project = Project(
            ("crd.json", CustomKind.Definition("example.com", "Gadget").ToJsonString()),
            ("gadget.yaml", "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: one, namespace: team}\n"),
            ("team.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n"));
        NeedsOf(project, "things").ShouldBe(["kinds", "spaces"], ignoreOrder: true);
        NeedsOf(project, "kinds").ShouldBeEmpty();
        NeedsOf(project, "spaces").ShouldBeEmpty();
    }

    [Fact]
    public void Two_that_need_one_another_do_not_wait_for_ever()
    {
        ResolvedProject project = Project(
            ("crd.json", CustomKind.Definition("example.com", "Gadget").ToJsonString()),
            ("gadget.yaml", "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: one, namespace: team}\n"),
            ("crd-settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: team}\n"),
            ("team.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n---\napiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: two}\n"));
        NeedsOf(project, "kinds").ShouldBeEmpty();
        NeedsOf(project, "spaces").ShouldBeEmpty();
    }

    private static string[] NeedsOf(ResolvedProject project, string resource) => [.. project.Resources.Single(r => r.Name.Value == resource).Needs.Select(n => n.Value)];

    private static ResolvedProject Project(params (string File, string Text)[] manifests)
    {
        var files = new FakeFileTree();
        files.Write("devloop.yaml", """
            version: 1
            manifests: [k8s]
            resources:
              kinds: {objects: [gadgets.example.com, settings]}
              things: {objects: [one]}
              spaces: {objects: [team, two]}

            """);
        foreach ((string file, string text) in manifests)
            files.Write("k8s/" + file, text);
        if (!manifests.Any(m => m.Text.Contains("settings", StringComparison.Ordinal)))
            files.Write("devloop.yaml", "version: 1\nmanifests: [k8s]\nresources:\n  kinds: {objects: [gadgets.example.com]}\n  things: {objects: [one]}\n  spaces: {objects: [team]}\n");
        return FakeWork.Load(files).Value.ShouldNotBeNull();
    }
}
