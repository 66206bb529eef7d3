using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

public class EngineAwayScenarios
{
    private static readonly HoldReason.ForEngine ForEngine = new();

    private static Shop Two => Shop.With("base", "other").Image("api", "base");

    [Fact]
    public void A_build_that_was_lost_with_the_engine_is_done_once_more_when_it_answers() =>
        Scenario.Given(Two)
            .WhenStarted().ThenBuilds("base", "other")
            .WhenBuildIsLost("base").ThenBuildsNothing().AndHolds("base", ForEngine).AndHolds("api", ForEngine)
            .WhenEngineAnswers().ThenBuilds("base").Because("base", "first build", "the engine went away during the build")
            .WhenBuilt("base").ThenBuilds("api");

    [Fact]
    public void Builds_that_were_lost_together_wait_together()
    {
        Scenario scenario = Scenario.Given(Two).WhenStarted().WhenBuildIsLost("base");
        scenario.Asked.OfType<EngineEffect.AwaitEngine>().ShouldHaveSingleItem().Patience.ShouldBeNull();
        scenario.WhenBuildIsLost("other");
        scenario.Asked.OfType<EngineEffect.AwaitEngine>().ShouldBeEmpty();
        scenario.WhenEngineAnswers().ThenBuilds("base", "other");
    }

    [Fact]
    public void A_build_that_is_lost_twice_has_failed()
    {
        Scenario scenario = Scenario.Given(Two, RunMode.BuildOnly).WhenStarted().WhenBuilt("other")
            .WhenBuildIsLost("base").ThenOutcomeIs(RunOutcome.Running)
            .WhenEngineAnswers().WhenBuildIsLost("base").ThenBuildsNothing().ThenOutcomeIs(RunOutcome.Environment);
        scenario.State.Images[new ImageName("base")].Failure!.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.BuilderLost);
        scenario.News.OfType<News.BuildFailed>().ShouldHaveSingleItem().Image.Value.ShouldBe("base");
    }

    [Fact]
    public void Another_content_has_its_own_second_try() =>
        Scenario.Given(Two).WhenStarted()
            .WhenBuildIsLost("base").WhenEngineAnswers().WhenBuildIsLost("base")
            .WhenSourceEdited("2", "base").ThenBuilds("base")
            .WhenBuildIsLost("base").WhenEngineAnswers().ThenBuilds("base");

    [Fact]
    public void An_edit_while_the_engine_is_away_is_what_gets_built()
    {
        Scenario scenario = Scenario.Given(Two).Running()
            .WhenSourceEdited("2", "api").WhenBuildIsLost("api")
            .WhenSourceEdited("3", "api").ThenBuildsNothing()
            .WhenEngineAnswers().ThenBuilds("api");
        scenario.WhenBuilt("api").ThenBuildsNothing().AndHoldsNothing();
        scenario.State.Images[new ImageName("api")].BuiltAgain.ShouldBeNull();
    }

    [Fact]
    public void A_run_of_once_gives_an_engine_up_that_stays_away()
    {
        Scenario scenario = Scenario.Given(Two, RunMode.Once).WhenStarted().WhenBuildIsLost("base");
        scenario.Asked.OfType<EngineEffect.AwaitEngine>().ShouldHaveSingleItem().Patience.ShouldBe(TimeSpan.FromSeconds(30));
        scenario.WhenBuilt("other").ThenOutcomeIs(RunOutcome.Running)
            .WhenEngineAnswers(givenUp: true).ThenOutcomeIs(RunOutcome.Environment);
        scenario.News.OfType<News.BuildFailed>().ShouldHaveSingleItem().Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.EngineUnreachable);
    }

    [Fact]
    public void The_loop_tries_again_by_itself_when_an_engine_that_was_away_answers() =>
        Scenario.Given(Two).Running()
            .WhenSourceEdited("2", "other").WhenEngineIsAway("other").ThenBuildsNothing()
            .WhenEngineAnswers().ThenBuilds("other").Because("other", "other/src/main.txt changed, read by `COPY src /src`", "tried again after a failure");

    [Fact]
    public void A_run_of_once_does_not_wait_for_an_engine_that_was_never_there() =>
        Scenario.Given(Shop.With("base"), RunMode.Once).WhenStarted().WhenEngineIsAway("base").ThenOutcomeIs(RunOutcome.Environment);
}
