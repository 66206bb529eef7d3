using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing.Recorded;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>What the state keeps of the steps of builds.</summary>
public class ProgressScenarios
{
    private static readonly ImageName Api = new("api");
    private static readonly BuildSteps Half = RecordedBuild.Steps("pulled", TimeSpan.FromSeconds(1.3)), Whole = RecordedBuild.Steps("pulled"), Failed = RecordedBuild.Steps("failed");

    private static Scenario Building => Scenario.Given(Shop.With("api").Running("web", ["api"])).WhenStarted();

    [Fact]
    public void The_steps_of_the_build_that_runs_are_in_the_state()
    {
        Scenario run = Building;
        run.When(new EngineEvent.BuildProgressed(WorkOf(run), Api, Half)).ThenAsksNothing();
        run.State.Images[Api].Steps.ShouldBeSameAs(Half);
        run.News.ShouldBeEmpty();
    }

    [Fact]
    public void Steps_of_a_build_that_was_cancelled_meanwhile_count_for_nothing()
    {
        Scenario run = Building;
        WorkId old = WorkOf(run);
        run.WhenSourceEdited("2", "api").When(new EngineEvent.BuildProgressed(old, Api, Half));
        run.State.Images[Api].Steps.ShouldBeSameAs(BuildSteps.None);
    }

    [Fact]
    public void The_steps_of_the_last_build_stay_with_its_result_and_are_told_with_it()
    {
        Scenario run = Building;
        run.When(Built(run, "one", Whole));
        run.News.OfType<News.BuildSucceeded>().Single().Steps.ShouldBeSameAs(Whole);
        run.State.Images[Api].Steps.ShouldBeSameAs(Whole);
        run.WhenApplied("web").WhenReady("web").WhenTouched("api/src/main.txt");
        run.State.Images[Api].Steps.ShouldBeSameAs(Whole);
    }

    [Fact]
    public void A_failed_build_shows_its_own_steps_until_the_image_is_as_it_was_again()
    {
        Scenario run = Building;
        run.When(Built(run, "one", Whole)).WhenApplied("web").WhenReady("web").WhenSourceEdited("2", "api");
        run.When(new EngineEvent.BuildFinished(WorkOf(run), Api, new BuildOutcome.Failed([])) { Steps = Failed });
        run.News.OfType<News.BuildFailed>().Single().Steps.ShouldBeSameAs(Failed);
        run.State.Images[Api].Steps.ShouldBeSameAs(Failed);
        run.WhenSourceEdited("api 1\n", "api");
        run.State.Images[Api].Steps.ShouldNotBeSameAs(Failed);
    }

    [Fact]
    public void An_image_that_was_found_has_no_steps() =>
        Scenario.Given(Shop.With("api"), RunMode.BuildOnly, memory: new("127.0.0.1:5005", Whole: true)).Published("api").WhenStarted()
            .State.Images[Api].Steps.ShouldBeSameAs(BuildSteps.None);

    private static WorkId WorkOf(Scenario run) => run.State.Images[Api].Building!.Work;

    private static EngineEvent.BuildFinished Built(Scenario run, string digest, BuildSteps steps) =>
        new(WorkOf(run), Api, new BuildOutcome.Built(FakeWork.Digest(digest))) { Steps = steps };
}
