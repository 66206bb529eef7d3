using Devloop.Engine;
using Devloop.Model;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>What the user asks of a run, down to the cluster.</summary>
public sealed class SwitchingTests
{
    private static readonly ResourceName Web = new("web");

    private static Shop Shop => Shop.With("api").Running("web", ["api"]);

    [Fact]
    public async Task A_disabled_resource_leaves_the_cluster_and_an_enabled_one_comes_back()
    {
        var world = new LiveWorld(Shop);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();

        run.Tell(new EngineEvent.Disabled(Web));
        (await run.HearsAsync<News.Control.Disabled>()).Failures.ShouldBeEmpty();
        world.Cluster.All("Deployment").ShouldBeEmpty();

        run.Tell(new EngineEvent.Enabled(Web));
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        world.Cluster.All("Deployment").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_to_be_kept_is_kept_and_said()
    {
        var world = new LiveWorld(Shop);
        world.Files.Write("k8s/web.yaml", Devloop.Testing.Scenarios.Shop.Manifest("web", "api").Replace("metadata: {name: web}", "metadata: {name: web, annotations: {devloop.dev/down-policy: keep}}", StringComparison.Ordinal));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        run.Tell(new EngineEvent.Disabled(Web));
        (await run.HearsAsync<SideNews.Remark>(r => r.Text.Contains("kept", StringComparison.Ordinal))).Text.ShouldContain("down-policy");
        world.Cluster.All("Deployment").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_asked_for_is_applied_though_the_cluster_has_it_so_and_nothing_is_deleted()
    {
        var world = new LiveWorld(Shop);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        int applied = Applied(world);

        run.Tell(new EngineEvent.TriggerRequested([], [Web], NoCache: false));
        News.DeployFinished finished = await run.HearsAsync<News.DeployFinished>();

        finished.Changes.ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Unchanged);
        Applied(world).ShouldBe(applied + 1);
        world.Cluster.Calls.ShouldNotContain(c => c.Verb == "delete");
    }

    private static int Applied(LiveWorld world) => world.Cluster.Calls.Count(c => c.Verb == "apply");
}
