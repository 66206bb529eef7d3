using Devloop.Engine;
using Devloop.Model;
using Devloop.Rollout;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

public class HealthScenarios
{
    private static readonly TimeSpan Settle = new RunOptions { Mode = RunMode.Once }.Settle;

    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(2);

    private static Scenario Deployed => Scenario.Given(Shop.With("a").Running("web", ["a"]), RunMode.Once).WhenStarted().WhenBuilt("a").WhenApplied("web");

    [Fact]
    public void A_run_of_once_succeeds_when_everything_is_ready() =>
        Deployed.ThenOutcomeIs(RunOutcome.Running).WhenObserved("web", Healths.Starting).ThenOutcomeIs(RunOutcome.Running).WhenReady("web").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void What_looks_broken_has_some_time_to_settle()
    {
        Scenario scenario = Deployed.WhenObserved("web", Healths.Broken).ThenOutcomeIs(RunOutcome.Running);
        scenario.Asked.ShouldHaveSingleItem().ShouldBe(new EngineEffect.WakeAfter(new ResourceName("web"), Settle));
        scenario.WhenWoken("web", Settle / 2).ThenOutcomeIs(RunOutcome.Running)
            .WhenWoken("web", Settle / 2).ThenOutcomeIs(RunOutcome.NotHealthy);
    }

    [Fact]
    public void What_heals_in_time_is_healthy() =>
        Deployed.WhenObserved("web", Healths.Broken).WhenObserved("web", Healths.Starting)
            .WhenWoken("web", Settle).ThenOutcomeIs(RunOutcome.Running)
            .WhenReady("web").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void The_time_to_settle_begins_anew_when_it_breaks_again() =>
        Deployed.WhenObserved("web", Healths.Broken).WhenWoken("web", Settle / 2).WhenObserved("web", Healths.Starting).WhenObserved("web", Healths.Broken)
            .WhenWoken("web", Settle / 2).ThenOutcomeIs(RunOutcome.Running);

    [Fact]
    public void What_nobody_expects_to_heal_has_a_moment_for_its_last_words_and_ends_the_run() =>
        Deployed.WhenObserved("web", Healths.Hopeless).ThenOutcomeIs(RunOutcome.Running)
            .WhenWoken("web", TimeSpan.FromMilliseconds(500)).ThenOutcomeIs(RunOutcome.NotHealthy);

    [Fact]
    public void What_the_cluster_gave_up_ends_the_run_too() =>
        Deployed.WhenObserved("web", new Health.Failed("BackoffLimitExceeded", []) { Final = true })
            .WhenWoken("web", TimeSpan.FromMilliseconds(500)).ThenOutcomeIs(RunOutcome.NotHealthy);

    [Fact]
    public void A_node_that_is_full_is_waited_for_longer_than_a_pod_that_is_broken()
    {
        var full = new Health.Failed("Unschedulable: 0/1 nodes are available", []) { Patience = TimeSpan.FromMinutes(1) };
        Scenario scenario = Deployed.WhenObserved("web", full);
        scenario.Asked.ShouldHaveSingleItem().ShouldBe(new EngineEffect.WakeAfter(new ResourceName("web"), TimeSpan.FromMinutes(1)));
        scenario.WhenWoken("web", Settle).ThenOutcomeIs(RunOutcome.Running)
            .WhenWoken("web", TimeSpan.FromMinutes(1) - Settle).ThenOutcomeIs(RunOutcome.NotHealthy);
    }

    [Fact]
    public void What_nothing_vouches_for_must_stay_ready_for_a_while_before_it_is_believed()
    {
        var running = new Health.Ready(1, 1) { Probed = false };
        Scenario scenario = Deployed.With(o => o with { Steady = Steady }).WhenObserved("web", running);
        scenario.ThenOutcomeIs(RunOutcome.Running).Asked.ShouldHaveSingleItem().ShouldBe(new EngineEffect.WakeAfter(new ResourceName("web"), Steady));
        scenario.WhenWoken("web", Steady).ThenOutcomeIs(RunOutcome.Succeeded);
    }

    [Fact]
    public void What_was_ready_for_a_moment_and_ends_is_not_healthy() =>
        Deployed.With(o => o with { Steady = Steady }).WhenObserved("web", new Health.Ready(1, 1) { Probed = false }).WhenObserved("web", Healths.Broken)
            .WhenWoken("web", Steady).ThenOutcomeIs(RunOutcome.Running)
            .WhenWoken("web", Settle).ThenOutcomeIs(RunOutcome.NotHealthy);

    [Fact]
    public void A_readiness_probe_is_believed_at_once() =>
        Deployed.With(o => o with { Steady = Steady }).WhenReady("web").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void What_was_in_the_cluster_already_is_believed_at_once() =>
        Scenario.Given(Shop.With("a").Running("web", ["a"]), RunMode.Once).With(o => o with { Steady = Steady }).WhenStarted().WhenBuilt("a").WhenApplied("web", ChangeKind.Unchanged)
            .WhenObserved("web", new Health.Ready(1, 1) { Probed = false }).ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void What_is_seen_before_or_during_a_deploy_says_nothing_of_it()
    {
        Scenario scenario = Scenario.Given(Shop.With("a").Running("web", ["a"]), RunMode.Once).WhenStarted().WhenObserved("web", Healths.Hopeless);
        scenario.ThenAsksNothing().WhenBuilt("a").WhenObserved("web", Healths.Ready).ThenOutcomeIs(RunOutcome.Running);
        scenario.State.Resources[new ResourceName("web")].Health.ShouldBeOfType<Health.Pending>();
    }

    [Fact]
    public void A_job_that_ran_to_its_end_is_good() => Deployed.WhenObserved("web", new Health.Completed()).ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void When_the_time_is_over_what_is_not_ready_is_not_healthy() => Deployed.When(new EngineEvent.DeadlinePassed()).ThenOutcomeIs(RunOutcome.NotHealthy);

    [Fact]
    public void When_the_time_is_over_before_the_images_are_built_the_run_is_not_healthy_either() =>
        Scenario.Given(Shop.With("a"), RunMode.BuildOnly).WhenStarted().When(new EngineEvent.DeadlinePassed()).ThenOutcomeIs(RunOutcome.NotHealthy);

    [Fact]
    public void Builds_alone_succeed_without_a_cluster() =>
        Scenario.Given(Shop.With("a").Running("web", ["a"]), RunMode.BuildOnly).WhenStarted().ThenOutcomeIs(RunOutcome.Running).WhenBuilt("a").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void A_refused_deploy_and_an_environment_out_of_reach_are_told_apart()
    {
        Scenario.Given(Shop.With("a").Running("web", ["a"]), RunMode.Once).WhenStarted().WhenBuilt("a").WhenRefused("web").ThenOutcomeIs(RunOutcome.DeployFailed);
        Scenario.Given(Shop.With("a").Running("web", ["a"]), RunMode.Once).WhenStarted().WhenBuilt("a").WhenRefused("web", environment: true).ThenOutcomeIs(RunOutcome.Environment);
        Scenario.Given(Shop.With("a"), RunMode.Once).WhenStarted().WhenBuildFails("a", environment: true).ThenOutcomeIs(RunOutcome.Environment);
    }

    [Fact]
    public void A_failure_ends_a_run_only_when_nothing_is_left_that_could_tell_more() =>
        Scenario.Given(Shop.With("a", "b"), RunMode.Once).WhenStarted().WhenBuildFails("a").ThenOutcomeIs(RunOutcome.Running)
            .WhenBuilt("b").ThenOutcomeIs(RunOutcome.BuildFailed);
}
