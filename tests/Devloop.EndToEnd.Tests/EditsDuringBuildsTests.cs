using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Edits while builds run: kept; they cancel what they made obsolete and nothing else; a failure is tried again by the next edit.</summary>
[Trait("Needs", "Cluster")]
public sealed class EditsDuringBuildsTests
{
    [Fact]
    public async Task The_newest_edit_wins_over_a_build_that_runs_and_is_what_the_pods_have()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TwoAppsAsync(@namespace);
        await using DevloopProcess up = DevloopProcess.Start(project, "up");
        int mark = (await up.ReadyAsync()).Index + 1;
        string newest = TestProject.Fresh();

        project.Write("one/content", TestProject.Fresh()).Write("one/gate", TestProject.Shut);
        await up.SeenAsync("build_started", project.Image("one"), from: mark);
        project.Write("one/content", newest).Write("one/gate", "/bin/busybox true\n");

        RunEvent cancelled = await up.SeenAsync("build_cancelled", project.Image("one"), from: mark);
        RunEvent built = await up.SeenAsync("build_finished", project.Image("one"), outcome: "built", from: cancelled.Index);
        await up.ReadyAsync(built.Index);
        up.Events.Since(mark).Count(e => e.Is("build_finished", project.Image("one"), null, "built")).ShouldBe(1);
        (await @namespace.FileInPodAsync(await @namespace.PodAsync("one"), "/content")).ShouldBe(newest);
    }

    [Fact]
    public async Task A_siblings_build_goes_on_when_an_edit_makes_another_obsolete()
    {
        await using TestProject project = Gated(TestProject.Create(), "one", "two");
        project.Write("devloop.yaml", Config(project, ""));
        await using DevloopProcess up = DevloopProcess.Start(project, "up");
        int mark = (await up.SeenAsync("ready")).Index + 1;

        project.Write("one/gate", TestProject.Shut).Write("two/gate", "/bin/busybox sleep 6\n");
        await up.SeenAsync("build_started", project.Image("one"), from: mark);
        await up.SeenAsync("build_started", project.Image("two"), from: mark);
        project.Write("one/gate", "/bin/busybox true\n");

        RunEvent cancelled = await up.SeenAsync("build_cancelled", project.Image("one"), from: mark);
        RunEvent sibling = await up.SeenAsync("build_finished", project.Image("two"), from: mark);
        sibling.Outcome.ShouldBe("built");
        sibling.Index.ShouldBeGreaterThan(cancelled.Index, "the sibling was done too early for this test to tell anything");
        up.Events.Since(mark).ShouldNotContain(e => e.Is("build_cancelled", project.Image("two"), null, null));
        up.Events.Since(mark).Count(e => e.Is("build_started", project.Image("two"))).ShouldBe(1);
        await up.StopAsync();
    }

    [Fact]
    public async Task A_failed_build_leaves_the_rest_running_and_the_next_edit_heals_it()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TwoAppsAsync(@namespace);
        await using DevloopProcess up = DevloopProcess.Start(project, "up");
        int mark = (await up.ReadyAsync()).Index + 1;
        PodSeen before = await @namespace.PodAsync("one");
        string other = TestProject.Fresh(), healed = TestProject.Fresh();

        project.Write("one/gate", "echo the gate is broken; exit 7\n");
        RunEvent failed = await up.SeenAsync("build_finished", project.Image("one"), outcome: "failed", from: mark);
        failed.Json["diagnostics"]![0]!.ToJsonString().ShouldContain("the gate is broken");

        project.Write("two/content", other);
        await up.SeenAsync("deploy_finished", resource: "two", outcome: "applied", from: failed.Index);
        await up.Events.FirstAsync(e => e.Is("resource_status", null, "two", null) && e.Text("status") == "ready", failed.Index, "two ready");
        (await @namespace.FileInPodAsync(await @namespace.PodAsync("two"), "/content")).ShouldBe(other);
        (await @namespace.PodAsync("one")).ShouldBe(before);

        project.Write("one/content", healed).Write("one/gate", "/bin/busybox true\n");
        RunEvent built = await up.SeenAsync("build_finished", project.Image("one"), outcome: "built", from: failed.Index);
        await up.ReadyAsync(built.Index);
        (await @namespace.FileInPodAsync(await @namespace.PodAsync("one"), "/content")).ShouldBe(healed);
    }

    [Fact]
    public async Task A_first_build_that_fails_keeps_its_own_resource_only()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TwoAppsAsync(@namespace);
        project.Write("one/gate", "exit 7\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up");

        await up.SeenAsync("build_finished", project.Image("one"), outcome: "failed");
        await up.Events.FirstAsync(e => e.Is("resource_status", null, "two", null) && e.Text("status") == "ready", 0, "two ready");
        up.Events.All.ShouldNotContain(e => e.Is("deploy_started", null, "one", null));

        project.Write("one/gate", "/bin/busybox true\n");
        await up.ReadyAsync();
        await @namespace.PodAsync("one");
    }

    private static async Task<TestProject> TwoAppsAsync(TestNamespace @namespace)
    {
        TestProject project = Gated(TestProject.Create(@namespace), "one", "two");
        foreach (string app in new[] { "one", "two" })
            project.Write($"{app}.yml", ManifestText.Deployment(app, project.Image(app)));
        return project.Write("devloop.yaml", Config(project, $"cluster: {await ManifestText.ClusterAsync(@namespace)}\nmanifests: [one.yml, two.yml]\n"));
    }

    private static TestProject Gated(TestProject project, params string[] images)
    {
        foreach (string image in images)
        {
            project.WithBusybox(image)
                .Write($"{image}/content", TestProject.Fresh())
                .Write($"{image}/gate", "/bin/busybox true\n")
                .Write($"{image}/Dockerfile", TestProject.Busybox + "COPY content /content\n" + TestProject.Gate + "ENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n");
        }
        return project;
    }

    private static string Config(TestProject project, string more) =>
        $"version: 1\nname: {project.Id}\n{more}images:\n  {project.Image("one")}: {{context: one}}\n  {project.Image("two")}: {{context: two}}\n";
}
