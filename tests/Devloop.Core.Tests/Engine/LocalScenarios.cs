using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>proto → codegen → api/src/gen → image api → deployment web</summary>
public class LocalScenarios
{
    private static readonly ResourceName Codegen = new("codegen");

    private static Shop Generated => Shop.With("api", "other").Running("web", ["api"]).File("proto/api.proto", "1")
        .Local("codegen", "command: make gen, deps: [proto], ignore: ['**/*.tmp'], produces: [api/src/gen]");

    [Fact]
    public void An_image_waits_for_the_command_that_writes_what_it_reads_and_no_other_does() =>
        Scenario.Given(Generated)
            .WhenStarted().ThenRuns("codegen").RunBecause("codegen", "first run").AndHolds("api", new HoldReason.ForLocal(Codegen))
            .WhenBuilt("other").ThenBuildsNothing()
            .WhenRan("codegen").ThenBuilds("api")
            .WhenBuilt("api").ThenDeploys("web");

    [Fact]
    public void An_edit_of_a_dep_runs_the_command_then_builds_what_reads_its_output_then_deploys()
    {
        Scenario loop = Scenario.Given(Generated).Running()
            .WhenEdited("proto/api.proto", "2").ThenRuns("codegen").RunBecause("codegen", "proto/api.proto changed").ThenBuildsNothing();
        // What it writes is seen while it runs: nothing is built of half of it.
        loop.WhenEdited("api/src/gen/api.txt", "2").ThenBuildsNothing().ThenRunsNothing().AndHolds("api", new HoldReason.ForLocal(Codegen))
            .WhenRan("codegen").ThenBuilds("api")
            .WhenBuilt("api").ThenDeploys("web");
    }

    [Fact]
    public void What_a_command_wrote_counts_before_the_watcher_tells_of_it()
    {
        Scenario loop = Scenario.Given(Generated).Running().WhenEdited("proto/api.proto", "2");
        loop.Files.Write("api/src/gen/api.txt", "2");
        loop.WhenRan("codegen").ThenBuilds("api");
    }

    [Fact]
    public void A_command_that_writes_the_same_builds_nothing() =>
        Scenario.Given(Generated).Running().WhenEdited("proto/api.proto", "2").WhenRan("codegen").ThenBuildsNothing().ThenDeploysNothing();

    [Fact]
    public void A_touched_dep_runs_nothing() => Scenario.Given(Generated).Running().WhenTouched("proto/api.proto").ThenRunsNothing();

    [Fact]
    public void What_is_ignored_or_no_dep_or_its_own_output_runs_nothing() =>
        Scenario.Given(Generated).Running()
            .WhenEdited("proto/a.tmp", "x").ThenAsksNothing()
            .WhenEdited("notes.md", "x").ThenAsksNothing()
            .WhenEdited("api/src/gen/api.txt", "x").ThenRunsNothing().ThenBuilds("api");

    [Fact]
    public void A_dep_that_comes_or_goes_runs_the_command() =>
        Scenario.Given(Generated).Running()
            .WhenEdited("proto/deep/new.proto", "1").ThenRuns("codegen").WhenRan("codegen")
            .WhenDeleted("proto/deep").ThenRuns("codegen");

    [Fact]
    public void An_edit_during_a_run_ends_it_and_begins_it_anew()
    {
        Scenario loop = Scenario.Given(Generated).Running().WhenEdited("proto/api.proto", "2").ThenRuns("codegen");
        WorkId first = loop.State.Resources[Codegen].Deploying;
        loop.WhenEdited("proto/api.proto", "3").ThenRuns("codegen");
        loop.Asked.OfType<EngineEffect.Cancel>().ShouldContain(new EngineEffect.Cancel(first));
        loop.News.OfType<News.LocalCancelled>().Single().Stopped.ShouldBeFalse();
        // The answer of the first run comes late and counts for nothing.
        loop.When(new EngineEvent.LocalRan(first, Codegen, new LocalOutcome.Ran())).ThenBuildsNothing();
        loop.WhenEdited("api/src/gen/api.txt", "3").WhenRan("codegen").ThenBuilds("api");
    }

    [Fact]
    public void An_edit_that_is_taken_back_during_a_run_runs_again_for_what_was_half_written() =>
        Scenario.Given(Generated).Running().WhenEdited("proto/api.proto", "2").ThenRuns("codegen").WhenEdited("proto/api.proto", "1").ThenRuns("codegen");

    [Fact]
    public void A_touch_during_a_run_leaves_it_alone()
    {
        Scenario loop = Scenario.Given(Generated).Running().WhenEdited("proto/api.proto", "2").WhenTouched("proto/api.proto").ThenRunsNothing();
        loop.Asked.OfType<EngineEffect.Cancel>().ShouldBeEmpty();
        loop.WhenEdited("api/src/gen/api.txt", "2").WhenRan("codegen").ThenBuilds("api");
    }

    [Fact]
    public void A_command_that_failed_holds_what_reads_its_output_and_is_tried_again_at_the_next_edit() =>
        Scenario.Given(Generated)
            .WhenStarted().WhenBuilt("other").WhenRunFails("codegen").ThenRunsNothing().ThenBuildsNothing().AndHolds("api", new HoldReason.LocalFailed(Codegen))
            .WhenTouched("proto/api.proto").ThenRunsNothing()
            .WhenEdited("proto/api.proto", "mended").ThenRuns("codegen")
            .WhenRan("codegen").ThenBuilds("api");

    [Fact]
    public void A_failure_that_is_edited_away_and_back_is_tried_again() =>
        Scenario.Given(Generated).Running()
            .WhenEdited("proto/api.proto", "broken").WhenRunFails("codegen").WhenEdited("proto/api.proto", "1").ThenRuns("codegen").WhenRan("codegen")
            .AndHoldsNothing();

    [Fact]
    public void Commands_feed_one_another()
    {
        Shop chain = Shop.With("api").File("proto/api.proto", "1")
            .Local("bindings", "command: b, deps: [build], produces: [api/src/gen]")
            .Local("codegen", "command: c, deps: [proto], produces: [build/out]");
        Scenario.Given(chain)
            .WhenStarted().ThenRuns("codegen").AndHolds("api", new HoldReason.ForLocal(new ResourceName("bindings")))
            .WhenRan("codegen").ThenRuns("bindings").ThenBuildsNothing()
            .WhenRan("bindings").ThenBuilds("api").WhenBuilt("api")
            .WhenEdited("proto/api.proto", "2").ThenRuns("codegen")
            // It wrote the same: nothing behind it runs.
            .WhenRan("codegen").ThenRunsNothing().ThenBuildsNothing();
    }

    [Fact]
    public void A_command_waits_for_a_resource_and_a_resource_for_a_command()
    {
        Shop shop = Shop.With("api", "db").Running("db", ["db"]).Running("web", ["api"], "depends_on: [seed]").Local("seed", "command: seed, depends_on: [db]");
        Scenario.Given(shop)
            .WhenStarted().ThenRunsNothing()
            .WhenBuilt("api").ThenDeploysNothing().AndHoldsDeploy("web", new HoldReason.ForResource(new ResourceName("seed")))
            .WhenBuilt("db").ThenDeploys("db").WhenApplied("db").ThenRunsNothing()
            .WhenReady("db").ThenRuns("seed").ThenDeploysNothing()
            .WhenRan("seed").ThenDeploys("web");
    }

    [Fact]
    public void A_resource_waits_until_what_a_command_serves_is_ready()
    {
        Shop shop = Shop.With("api").Running("web", ["api"], "depends_on: [tunnel]").Local("tunnel", "serve: tunnel, readiness: {tcp: {port: 5432}}");
        Scenario.Given(shop)
            .WhenStarted().ThenRuns("tunnel").WhenRan("tunnel").WhenBuilt("api").ThenDeploysNothing()
            .WhenReady("tunnel").ThenDeploys("web");
    }

    [Fact]
    public void In_a_run_of_once_a_resource_that_a_command_needs_waits_for_no_image_behind_that_command()
    {
        Shop shop = Shop.With("api", "db").Running("db", ["db"]).Running("web", ["api"])
            .Local("schema", "command: dump, depends_on: [db], produces: [api/src/schema]");
        Scenario.Given(shop, RunMode.Once)
            .WhenStarted().ThenBuilds("db").WhenBuilt("db").ThenDeploys("db")
            .WhenApplied("db").WhenReady("db").ThenRuns("schema")
            .WhenRan("schema").ThenBuilds("api").WhenBuilt("api").ThenDeploys("web")
            .WhenApplied("web").WhenReady("web").ThenOutcomeIs(RunOutcome.Succeeded);
    }

    [Fact]
    public void In_a_run_of_once_a_command_that_fails_is_a_failed_deploy() =>
        Scenario.Given(Generated, RunMode.Once).WhenStarted().WhenBuilt("other").WhenRunFails("codegen").ThenOutcomeIs(RunOutcome.DeployFailed);

    [Fact]
    public void In_a_run_of_once_what_is_served_has_to_go_on()
    {
        Shop serving = Shop.With("api").Local("dev", "serve: npm run dev");
        Scenario.Given(serving, RunMode.Once).WhenStarted().WhenRan("dev").WhenBuilt("api").ThenOutcomeIs(RunOutcome.Running)
            .WhenObserved("dev", new Health.Failed("it ended with exit code 1", []) { Final = true }).WhenWoken("dev", TimeSpan.FromSeconds(1)).ThenOutcomeIs(RunOutcome.NotHealthy);
        Scenario.Given(serving, RunMode.Once).WhenStarted().WhenRan("dev").WhenBuilt("api").WhenReady("dev").ThenOutcomeIs(RunOutcome.Succeeded);
    }

    [Fact]
    public void What_ended_is_not_started_again_by_an_edit_of_something_else() =>
        Scenario.Given(Shop.With("api").Local("dev", "serve: npm run dev, deps: [package.json]").File("package.json", "{}")).Running()
            .WhenObserved("dev", new Health.Failed("it ended with exit code 1", []))
            .WhenSourceEdited("2", "api").ThenRunsNothing()
            .WhenEdited("package.json", "{ }").ThenRuns("dev");

    [Fact]
    public void A_build_without_deploys_runs_what_writes_inputs() =>
        Scenario.Given(Generated, RunMode.BuildOnly).WhenStarted().ThenRuns("codegen").WhenBuilt("other").WhenRan("codegen").ThenBuilds("api")
            .WhenBuilt("api").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void Another_command_in_the_config_is_run_and_one_that_is_gone_ends()
    {
        Scenario loop = Scenario.Given(Generated).Running();
        string config = Generated.Config();
        loop.WhenEdited("devloop.yaml", config.Replace("make gen", "make all", StringComparison.Ordinal)).ThenRuns("codegen").RunBecause("codegen", "devloop.yaml changed")
            .WhenRan("codegen")
            .WhenEdited("devloop.yaml", config.Replace("make gen", "make all", StringComparison.Ordinal).Replace("deps: [proto]", "deps: [proto], labels: [x]", StringComparison.Ordinal)).ThenRunsNothing()
            .WhenEdited("devloop.yaml", config[..config.IndexOf("local:", StringComparison.Ordinal)]).ThenRunsNothing();
        loop.Asked.OfType<EngineEffect.StopLocal>().Single().Resource.ShouldBe(Codegen);
    }

    [Fact]
    public void Lost_events_look_at_what_commands_read_and_run_what_changed()
    {
        Scenario loop = Scenario.Given(Generated).Running();
        loop.WhenEventsAreLost().ThenRunsNothing();
        loop.Files.Write("proto/api.proto", "2");
        loop.WhenEventsAreLost().ThenRuns("codegen").RunBecause("codegen", "what it reads changed unseen");
    }

    [Fact]
    public void Stopping_ends_the_run_of_a_command()
    {
        Scenario loop = Scenario.Given(Generated).WhenStarted().WhenBuilt("other");
        WorkId run = loop.State.Resources[Codegen].Deploying;
        loop.When(new EngineEvent.StopRequested()).ThenRunsNothing();
        loop.Asked.ShouldContain(new EngineEffect.Cancel(run));
        loop.News.OfType<News.LocalCancelled>().Single().Stopped.ShouldBeTrue();
    }
}
