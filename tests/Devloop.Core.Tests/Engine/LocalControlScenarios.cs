using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>What a user may ask of a local command, as of any other resource.</summary>
public class LocalControlScenarios
{
    private static readonly ResourceName Codegen = new("codegen");

    private static readonly EngineEvent.TriggerRequested Trigger = new([], [Codegen], NoCache: false);

    private static Shop Generated(string settings = "") => Shop.With("api").Running("web", ["api"]).File("proto/api.proto", "1")
        .Local("codegen", "command: make gen, deps: [proto], produces: [api/src]" + settings);

    [Fact]
    public void A_trigger_runs_it_again_and_then_what_reads_its_work_is_looked_at() =>
        Scenario.Given(Generated()).Running().When(Trigger).ThenRuns("codegen").WhenRan("codegen").ThenLooksAt("api");

    [Fact]
    public void A_pause_holds_it_and_the_edit_is_not_lost() =>
        Scenario.Given(Generated()).Running().When(new EngineEvent.Paused()).WhenEdited("proto/api.proto", "2").ThenRunsNothing()
            .When(new EngineEvent.Resumed()).ThenRuns("codegen");

    [Fact]
    public void One_that_is_disabled_ends_and_begins_anew_when_it_is_enabled()
    {
        Scenario scenario = Scenario.Given(Generated()).Running().When(new EngineEvent.Disabled(Codegen));
        scenario.Asked.OfType<EngineEffect.StopLocal>().ShouldHaveSingleItem().Resource.ShouldBe(Codegen);
        scenario.Asked.OfType<EngineEffect.RemoveResource>().ShouldBeEmpty();
        scenario.News.OfType<News.Control.Disabled>().ShouldHaveSingleItem();
        scenario.State.Resources[Codegen].Health.ShouldBe(new Health.Pending("disabled"));
        scenario.WhenEdited("proto/api.proto", "2").ThenRunsNothing();
        scenario.When(new EngineEvent.Enabled(Codegen)).ThenRuns("codegen");
    }

    [Fact]
    public void While_it_is_disabled_images_are_built_with_what_it_wrote_last() =>
        Scenario.Given(Generated()).Running().When(new EngineEvent.Disabled(Codegen)).WhenSourceEdited("hand-made\n", "api").ThenBuilds("api");

    [Fact]
    public void One_that_starts_when_asked_for_keeps_no_image_waiting() =>
        Scenario.Given(Generated(", auto_start: false")).WhenStarted().ThenRunsNothing().ThenBuilds("api");

    [Fact]
    public void One_that_changes_when_asked_for_runs_once_and_then_at_a_trigger() =>
        Scenario.Given(Generated(", trigger: manual")).Running().WhenEdited("proto/api.proto", "2").ThenRunsNothing()
            .AndHoldsDeploy("codegen", new HoldReason.ForTrigger(Codegen))
            .When(Trigger).ThenRuns("codegen").WhenRan("codegen").ThenLooksAt("api");

    [Fact]
    public void A_project_of_local_commands_alone_looks_for_nothing_in_a_cluster() =>
        Scenario.Given(Shop.With().Local("dev", "serve: npm run dev")).WhenStarted().WhenRan("dev").WhenReady("dev").ThenRemovesLeftovers(0);

    [Fact]
    public void A_local_command_that_fails_does_not_keep_what_left_the_config_in_the_cluster() =>
        Scenario.Given(Shop.With("a").Running("web", ["a"]).Local("gen", "command: make")).WhenStarted().WhenRunFails("gen").WhenBuilt("a").WhenApplied("web").ThenRemovesLeftovers();
}
