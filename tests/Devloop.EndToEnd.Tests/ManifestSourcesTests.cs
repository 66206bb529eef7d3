using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Where manifests come from and how they may be written.</summary>
[Trait("Needs", "Cluster")]
public sealed class ManifestSourcesTests
{
    [Fact]
    public async Task Files_globs_directories_lists_json_and_comments_all_give_objects()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        (await @namespace.NamesAsync("configmaps")).ShouldBe(["deep", "in-json", "in-list-one", "in-list-two", "plain", "second", "third"]);
        (await @namespace.GetAsync("configmap", "third"))["data"]!["a"]!.ToString().ShouldBe("# no comment\n---\nstill text\n");
    }

    [Fact]
    public async Task A_file_that_is_broken_is_told_with_its_line_and_nothing_goes_until_it_is_mended()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        int mark = up.Events.Count;

        project.Write("plain.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain\ndata: {a: \"2\"}\n");
        RunEvent error = await up.SeenAsync("error", from: mark);
        error.Json["diagnostics"]![0]!["file"]!.ToString().ShouldBe("plain.yaml");
        ((int)error.Json["diagnostics"]![0]!["line"]!).ShouldBe(3);

        // A new file under a glob counts as much as an edit of one that is known.
        project.Write("globbed/more/new.yaml", ManifestProject.ConfigMap("new"));
        project.Write("plain.yaml", ManifestProject.ConfigMap("plain", "2"));
        await up.SeenAsync("deploy_finished", resource: "uncategorized", outcome: "applied", from: mark);
        await up.ReadyAsync(mark);
        (await @namespace.NamesAsync("configmaps")).ShouldBe(["deep", "in-json", "in-list-one", "in-list-two", "new", "plain", "second", "third"]);
        up.Events.Since(mark).ShouldNotContain(e => e.Is("object_removed", null, null, null));
        await up.StopAsync();
    }

    private static async Task<TestProject> CreateAsync(TestNamespace @namespace)
    {
        TestProject project = await ManifestProject.CreateAsync(@namespace, "[plain.yaml, \"globbed/**/*.yaml\", directory]");
        return project
            .Write("plain.yaml", ManifestProject.ConfigMap("plain"))
            .Write("globbed/more/deep.yaml", ManifestProject.ConfigMap("deep"))
            .Write("globbed/more/notes.txt", "no manifest\n")
            .Write("directory/many.yaml", $$"""
                # What comes before the first document.
                ---
                # Nothing but a comment.
                ---
                {{ManifestProject.ConfigMap("second").TrimEnd()}} # at the end of a line
                --- # beside the marks
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: third # a name
                data:
                  a: |
                    # no comment
                    ---
                    still text
                ...
                ---

                """)
            .Write("directory/list.yml", """
                apiVersion: v1
                kind: List
                items:
                  # The first of two.
                  - {apiVersion: v1, kind: ConfigMap, metadata: {name: in-list-one} }
                  - apiVersion: v1
                    kind: List
                    items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: in-list-two} }]

                """)
            .Write("directory/object.json", """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "in-json"}}""");
    }
}
