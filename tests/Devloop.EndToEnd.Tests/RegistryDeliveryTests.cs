using System.Net;
using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Delivery through the real registry, although the nodes could do without: `push: always`.</summary>
[Trait("Needs", "Cluster")]
public sealed class RegistryDeliveryTests
{
    private static string Registry => Environment.GetEnvironmentVariable("DEVLOOP_TEST_REGISTRY") is { Length: > 0 } set ? set : "127.0.0.1:5005";

    [Fact]
    public async Task In_the_loop_what_the_pods_run_is_pushed_under_its_content_tag_and_bases_are_not()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace, registry: $"registry: {{host: \"{Registry}\", push: always}}");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();

        string tag = up.Events.All.Single(e => e.Is("build_finished", project.Image("app"), null, "built")).Text("tag")!;
        RunEvent pushed = up.Events.All.Single(e => e.Is("push_finished", null, null, null));
        (pushed.Image, pushed.Outcome, pushed.Text("tag")).ShouldBe((project.Image("app"), "pushed", tag));
        (await TagsAsync(project.Image("app"))).ShouldContain(tag);
        (await TagsAsync(project.Image("base"))).ShouldBeEmpty();
        PodSeen pod = await @namespace.PodAsync(Quickstart.App);
        pod.Image.ShouldBe($"{Registry}/{project.Image("app")}:{tag}");
        (await @namespace.FileInPodAsync(pod, "/www/index.html")).ShouldBe("first page\n");
        await up.StopAsync();
    }

    [Fact]
    public async Task A_pipeline_publishes_bases_too_though_the_nodes_share_the_engine()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace, registry: $"registry: {{host: \"{Registry}\"}}");
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");

        (await ci.EndAsync()).ShouldBe(0, ci.Errors);

        foreach (string image in new[] { project.Image("base"), project.Image("app") })
        {
            RunEvent built = ci.Events.All.Single(e => e.Is("build_finished", image, null, "built"));
            (await TagsAsync(image)).ShouldBe([built.Text("tag")!, $"devloop-key-{built.Text("key")![..32]}", $"devloop-claim-{built.Text("key")![..32]}"], ignoreOrder: true);
        }
        string tag = ci.Events.All.Single(e => e.Is("build_finished", project.Image("app"))).Text("tag")!;
        (await @namespace.PodAsync(Quickstart.App)).Image.ShouldBe($"{project.Image("app")}:{tag}");
    }

    [Fact]
    public async Task Shared_work_is_pushed_with_its_bases()
    {
        await using TestProject project = TestProject.Create();
        project.WithBusybox().Write("base.dockerfile", TestProject.Busybox).Write("app.dockerfile", $"FROM {project.Image("base")}\nCOPY page /page\n").Write("page", TestProject.Fresh())
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nregistry: {{host: \"{Registry}\"}}\nimages:\n  {project.Image("base")}: {{dockerfile: base.dockerfile}}\n  {project.Image("app")}: {{dockerfile: app.dockerfile, tags: [v1]}}\n");

        Ended ended = (await DevloopProcess.RunAsync(project, "build", "--push", "--output", "json")).ShouldExitWith(0);

        (await TagsAsync(project.Image("app"))).ShouldContain("v1");
        foreach (JsonNode? image in JsonNode.Parse(ended.Out)!["images"]!.AsArray())
        {
            ((string)image!["reference"]!).ShouldBe($"{Registry}/{image["image"]}:{image["tag"]}");
            (await TagsAsync((string)image["image"]!)).ShouldContain((string)image["tag"]!);
        }
    }

    [Fact]
    public async Task A_registry_out_of_reach_is_6_and_names_it()
    {
        await using TestProject project = TestProject.Create();
        int nobody = Browser.FreePort();
        project.WithBusybox().Write("Dockerfile", TestProject.Busybox)
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nregistry: {{host: \"127.0.0.1:{nobody}\"}}\nimages:\n  {project.Image("app")}: {{}}\n");

        (await DevloopProcess.RunAsync(project, "ci", "--build-only", "--push")).ShouldExitWith(6)
            .ShouldSay($"127.0.0.1:{nobody}", "help: ").ShouldNotSay("Exception");
    }

    private static async Task<string[]> TagsAsync(string repository)
    {
        using var client = new HttpClient { Timeout = Patience.Limit };
        using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://{Registry}/v2/{repository}/tags/list"));
        return answer.StatusCode == HttpStatusCode.NotFound
            ? []
            : [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["tags"]!.AsArray().Select(t => (string)t!)];
    }
}
