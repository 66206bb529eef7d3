using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Several developers with one cluster: each has a namespace, and nobody notices another.</summary>
[Trait("Needs", "Cluster")]
public sealed class DevelopersTests
{
    [Fact]
    public async Task Two_run_the_same_project_at_once_and_down_of_one_leaves_the_other()
    {
        await using TestNamespace one = await TestNamespace.CreateAsync();
        await using TestNamespace other = await TestNamespace.CreateAsync();
        await using TestProject mine = await Quickstart.CreateAsync(one);
        await using TestProject theirs = mine.OnAnotherMachine();
        await using DevloopProcess first = DevloopProcess.Start(mine, "up", "--no-web");
        await using DevloopProcess second = DevloopProcess.Start(theirs, "up", "--no-web", "-n", other.Name);
        await first.ReadyAsync();
        await second.ReadyAsync();
        PodSeen pod = await other.PodAsync(Quickstart.App);
        int mark = second.Events.Count;

        int mineMark = first.Events.Count;
        mine.Write("site/index.html", "only mine\n");
        RunEvent edited = await first.SeenAsync("build_finished", mine.Image("app"), outcome: "built", from: mineMark);
        await first.ReadyAsync(edited.Index);
        (await one.FileInPodAsync(await one.PodAsync(Quickstart.App), "/www/index.html")).ShouldBe("only mine\n");
        await first.StopAsync();
        (await DevloopProcess.RunAsync(mine, "down")).ShouldExitWith(0);

        (await one.NamesAsync("deployments")).ShouldBeEmpty();
        (await other.PodAsync(Quickstart.App)).ShouldBe(pod);
        second.Events.Since(mark).ShouldNotContain(e => e.Type == "deploy_finished" || e.Type == "object_removed");
        theirs.Write("site/index.html", "only theirs\n");
        await second.ReadyAsync(mark);
        (await other.FileInPodAsync(await other.PodAsync(Quickstart.App), "/www/index.html")).ShouldBe("only theirs\n");
        await second.StopAsync();
        (await DevloopProcess.RunAsync(theirs, "down", "-n", other.Name)).ShouldExitWith(0);
        (await other.NamesAsync("deployments")).ShouldBeEmpty();
    }
}
