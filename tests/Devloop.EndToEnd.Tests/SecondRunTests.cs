using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Runs after runs: unchanged files mean no work at all, and `down` takes away what was brought.</summary>
[Trait("Needs", "Cluster")]
public sealed class SecondRunTests
{
    [Fact]
    public async Task A_second_up_and_a_ci_on_unchanged_files_build_nothing_apply_nothing_and_keep_the_pods()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace, Browser.FreePort());
        await using (DevloopProcess first = DevloopProcess.Start(project, "up"))
        {
            await first.ReadyAsync();
            await first.StopAsync();
        }
        PodSeen pod = await @namespace.PodAsync(Quickstart.App);
        string version = await @namespace.VersionOfAsync("deployment", Quickstart.App);

        await using DevloopProcess second = DevloopProcess.Start(project, "up");
        await second.ReadyAsync();
        await second.StopAsync();
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        (await ci.EndAsync()).ShouldBe(0, ci.Errors);

        foreach (EventLog events in new[] { second.Events, ci.Events })
        {
            events.All.ShouldNotContain(e => e.Is("build_started", null, null, null));
            events.All.Where(e => e.Is("deploy_finished")).Select(e => e.Outcome).ShouldBe(["unchanged"]);
        }
        (await @namespace.PodAsync(Quickstart.App)).ShouldBe(pod);
        (await @namespace.VersionOfAsync("deployment", Quickstart.App)).ShouldBe(version);
    }

    [Fact]
    public async Task Down_deletes_what_was_deployed_and_a_second_time_finds_nothing_to_do()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace);
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        Ended first = (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
        Ended second = (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);

        first.ShouldSay("Deleted deployment/web");
        second.ShouldSay("Absent deployment/web", "was not there");
        (await @namespace.KubectlAsync("get", "deployments", "--output", "name")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Down_on_exit_deletes_when_up_is_stopped()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace);
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--down-on-exit");
        await up.ReadyAsync();

        await up.StopAsync();

        (await @namespace.KubectlAsync("get", "deployments", "--output", "name")).ShouldBeEmpty();
    }
}
