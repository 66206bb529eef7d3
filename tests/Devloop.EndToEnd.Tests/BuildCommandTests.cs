using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>`build` and `render` on the real engine, without a cluster.</summary>
[Trait("Needs", "Engine")]
public sealed class BuildCommandTests
{
    [Fact]
    public async Task Build_prints_one_document_and_reuses_what_it_built_before()
    {
        await using TestProject project = Create();

        JsonArray first = Images((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0));
        JsonArray second = Images((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0));
        JsonArray one = Images((await DevloopProcess.RunAsync(project, "build", project.Image("base"), "--output", "json")).ShouldExitWith(0));

        first.Select(i => (string)i!["image"]!).ShouldBe([project.Image("base"), project.Image("app")]);
        foreach (JsonNode image in first.OfType<JsonNode>())
        {
            string tag = (string)image["tag"]!;
            tag.ShouldMatch("^devloop-[0-9a-f]{16}$");
            ((string)image["digest"]!).ShouldStartWith("sha256:" + tag["devloop-".Length..]);
            ((string)image["reference"]!).ShouldBe($"{image["image"]}:{tag}");
            ((string)image["key"]!).ShouldMatch("^[0-9a-f]{64}$");
            ((string)image["outcome"]!).ShouldBe("built");
            image["seconds"]!.GetValue<double>().ShouldBeGreaterThan(0);
            (await Tool.OutputAsync("docker", "image", "inspect", "--format", "{{.Id}}", (string)image["reference"]!)).Trim().ShouldBe((string)image["digest"]!);
        }
        second.Select(i => (string)i!["outcome"]!).ShouldBe(["reused", "reused"]);
        second.Select(i => (string)i!["digest"]!).ShouldBe(first.Select(i => (string)i!["digest"]!));
        one.Select(i => (string)i!["image"]!).ShouldBe([project.Image("base")]);
    }

    [Fact]
    public async Task The_same_content_has_the_same_key_and_tag_in_another_place_with_another_store()
    {
        await using TestProject project = Create();
        JsonArray here = Images((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0));

        // Another checkout, made at another time, by somebody who built nothing yet.
        await using TestProject elsewhere = TestProject.Create();
        foreach (string file in Directory.GetFiles(project.Directory))
            File.Copy(file, elsewhere.PathOf(Path.GetFileName(file)));
        JsonArray there = Images((await DevloopProcess.RunAsync(elsewhere, "build", "--output", "json")).ShouldExitWith(0));

        there.Select(i => (string)i!["outcome"]!).ShouldBe(["built", "built"]);
        there.Select(i => (string)i!["key"]!).ShouldBe(here.Select(i => (string)i!["key"]!));
        there.Select(i => (string)i!["tag"]!).ShouldBe(here.Select(i => (string)i!["tag"]!));
    }

    [Fact]
    public async Task Render_prints_the_manifests_with_content_tags_and_IfNotPresent()
    {
        await using TestProject project = Create();
        project.Write("app.yml", ManifestText.Deployment("web", project.Image("app"), "          imagePullPolicy: Always"));

        string tag = (string)Images((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0))[1]!["tag"]!;
        Ended rendered = (await DevloopProcess.RunAsync(project, "render")).ShouldExitWith(0);

        rendered.Out.ShouldContain($"image: {project.Image("app")}:{tag}");
        rendered.Out.ShouldContain("imagePullPolicy: IfNotPresent");
        rendered.Out.ShouldNotContain("Always");
    }

    private static JsonArray Images(Ended ended) => JsonNode.Parse(ended.Out)!["images"]!.AsArray();

    private static TestProject Create()
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox()
            .Write("base.dockerfile", TestProject.Busybox)
            .Write("app.dockerfile", $"FROM {project.Image("base")}\nCOPY page /page\n").Write("page", TestProject.Fresh())
            .Write("app.yml", ManifestText.Deployment("web", project.Image("app")))
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n  {project.Image("base")}: {{dockerfile: base.dockerfile}}\n  {project.Image("app")}: {{dockerfile: app.dockerfile}}\nmanifests: [app.yml]\n");
    }
}
