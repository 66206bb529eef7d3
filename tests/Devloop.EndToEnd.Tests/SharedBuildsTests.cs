using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Machines that share a registry: each has a checkout and a store of its own, and begins with an engine without the images.</summary>
[Trait("Needs", "Cluster")]
public sealed class SharedBuildsTests
{
    private static string Registry => Environment.GetEnvironmentVariable("DEVLOOP_TEST_REGISTRY") is { Length: > 0 } set ? set : "127.0.0.1:5005";

    [Fact]
    public async Task A_pipeline_on_a_clean_machine_builds_nothing_and_its_pods_run_what_another_machine_built()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject first = await Quickstart.CreateAsync(@namespace, registry: $"registry: {{host: \"{Registry}\"}}");
        first.Write("package/banner.txt", TestProject.Fresh()); // an image of equal content that another test has needs no pull
        JsonArray published = Images((await DevloopProcess.RunAsync(first, "build", "--push", "--output", "json")).ShouldExitWith(0));
        await first.RemoveImagesAsync();
        await using TestProject clean = first.OnAnotherMachine();

        await using DevloopProcess ci = DevloopProcess.Start(clean, "ci");
        (await ci.EndAsync()).ShouldBe(0, ci.Errors);

        ci.Events.All.ShouldNotContain(e => e.Is("build_started", null, null, null));
        ci.Events.All.ShouldNotContain(e => e.Is("push_started", null, null, null));
        ci.Events.All.Where(e => e.Is("pull_finished", null, null, "pulled")).Select(e => e.Image).ShouldBe([clean.Image("app")]);
        string tag = (string)published.Single(i => (string)i!["image"]! == clean.Image("app"))!["tag"]!;
        PodSeen pod = await @namespace.PodAsync(Quickstart.App);
        pod.Image.ShouldBe($"{clean.Image("app")}:{tag}");
        (await @namespace.FileInPodAsync(pod, "/www/index.html")).ShouldBe("first page\n");
    }

    [Fact]
    public async Task A_clean_machine_reuses_every_image_and_pulls_a_base_for_the_child_that_has_to_be_built()
    {
        await using TestProject first = Create(TestProject.Fresh());
        JsonArray published = Images((await DevloopProcess.RunAsync(first, "build", "--push", "--output", "json")).ShouldExitWith(0));
        await first.RemoveImagesAsync();
        await using TestProject clean = first.OnAnotherMachine();

        JsonArray reused = Images((await DevloopProcess.RunAsync(clean, "build", "--push", "--output", "json")).ShouldExitWith(0));
        Outcomes(reused).ShouldBe(["reused", "reused"]);
        Digests(reused).ShouldBe(Digests(published));
        (await Tool.OutputAsync("docker", "images", "--quiet", "--filter", $"reference={first.Id}*", "--filter", $"reference=*/{first.Id}*")).ShouldBeEmpty("nothing needed them in the engine");

        clean.Write("page", TestProject.Fresh());
        JsonArray built = Images((await DevloopProcess.RunAsync(clean, "build", "--push", "--output", "json")).ShouldExitWith(0));
        Outcomes(built).ShouldBe(["pulled", "built"]);
        Digests(built)[0].ShouldBe(Digests(published)[0]);
    }

    [Fact]
    public async Task Two_who_publish_at_once_end_with_one_digest_though_no_two_builds_are_the_same()
    {
        await using TestProject one = Create(TestProject.Fresh(), "RUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox head -c 16 /dev/urandom > /random\"]\n");
        await using TestProject two = one.OnAnotherMachine();
        // One after the other: BuildKit would do two such builds at once in one.
        string[] ones = Digests(Images((await DevloopProcess.RunAsync(one, "build", "--output", "json")).ShouldExitWith(0)));
        string[] twos = Digests(Images((await DevloopProcess.RunAsync(two, "build", "--no-cache", "--output", "json")).ShouldExitWith(0)));
        ones[0].ShouldNotBe(twos[0], "only then there is something to agree on");

        Ended[] ended = await Task.WhenAll(
            DevloopProcess.RunAsync(one, "build", "--push", "--output", "json"),
            DevloopProcess.RunAsync(two, "build", "--push", "--output", "json"));
        string[] first = Digests(Images(ended[0].ShouldExitWith(0))), second = Digests(Images(ended[1].ShouldExitWith(0)));

        first.ShouldBe(second);
        first[0].ShouldBeOneOf(ones[0], twos[0]);
        // What both ended with is what a third machine finds.
        await one.RemoveImagesAsync();
        await using TestProject third = one.OnAnotherMachine();
        JsonArray later = Images((await DevloopProcess.RunAsync(third, "build", "--push", "--output", "json")).ShouldExitWith(0));
        Outcomes(later).ShouldBe(["reused", "reused"]);
        Digests(later).ShouldBe(first);
    }

    [Fact]
    public async Task A_registry_that_is_away_is_told_once_and_costs_a_build()
    {
        await using TestProject project = Create(TestProject.Fresh(), registry: $"127.0.0.1:{Browser.FreePort()}");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci", "--build-only")).ShouldExitWith(0);

        ended.ShouldSay("warning[DL5005]", "the connection was refused").ShouldNotSay("Exception");
        ended.Error.Split("DL5005").Length.ShouldBe(2, "it is told once");
    }

    private static JsonArray Images(Ended ended) => JsonNode.Parse(ended.Out)!["images"]!.AsArray();

    private static string[] Outcomes(JsonArray images) => [.. images.Select(i => (string)i!["outcome"]!)];

    private static string[] Digests(JsonArray images) => [.. images.Select(i => (string)i!["digest"]!)];

    /// <summary>An app on a base; what the base runs is up to the test.</summary>
    private static TestProject Create(string page, string baseStep = "", string? registry = null)
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox()
            .Write("base.dockerfile", $"{TestProject.Busybox}LABEL only-here={project.Id}\n{baseStep}")
            .Write("app.dockerfile", $"FROM {project.Image("base")}\nCOPY page /page\n").Write("page", page)
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nregistry: {{host: \"{registry ?? Registry}\"}}\nimages:\n  {project.Image("base")}: {{dockerfile: base.dockerfile}}\n  {project.Image("app")}: {{dockerfile: app.dockerfile}}\n");
    }
}
