using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

public class BuildScenarios
{
    private static readonly ImageName Base = new("base");

    // base ─┬─ api
    //       └─ worker        lonely
    private static Shop Family => Shop.With("lonely").Image("base").Feeding("api", "worker");

    [Fact]
    public void At_the_start_children_wait_for_their_base_and_are_then_built_on_its_tag()
    {
        Scenario scenario = Scenario.Given(Family)
            .WhenStarted().ThenBuilds("base", "lonely").Because("base", "first build")
            .AndHolds("api", new HoldReason.ForBase(Base)).AndHolds("worker", new HoldReason.ForBase(Base))
            .WhenBuilt("base").ThenBuilds("api", "worker");
        scenario.EachPinnedTo($"FROM base:{scenario.TagOf("base")}").AndHoldsNothing();
    }

    [Fact]
    public void Only_the_image_that_reads_an_edited_file_is_built_and_it_is_told_why() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").ThenLooksAt("api").ThenBuilds("api").Because("api", "api/src/main.txt changed, read by `COPY src /src`")
            .WhenBuilt("api").ThenBuildsNothing();

    [Fact]
    public void A_file_that_no_instruction_reads_is_not_even_looked_at() =>
        Scenario.Given(Family).Running().WhenEdited("api/notes.md", "more").ThenAsksNothing();

    [Fact]
    public void A_touched_file_is_looked_at_and_nothing_is_built() =>
        Scenario.Given(Family).Running().WhenTouched("api/src/main.txt").ThenLooksAt("api").ThenBuildsNothing();

    [Fact]
    public void A_base_is_built_before_its_children_which_are_then_pinned_to_the_new_tag()
    {
        Scenario scenario = Scenario.Given(Family).Running();
        string old = scenario.TagOf("base");
        scenario.WhenSourceEdited("2", "base").ThenBuilds("base").WhenBuilt("base").ThenBuilds("api", "worker");
        scenario.TagOf("base").ShouldNotBe(old);
        scenario.EachPinnedTo($"FROM base:{scenario.TagOf("base")}").Because("api", $"on base {scenario.TagOf("base")[..16]}");
    }

    [Fact]
    public void A_base_whose_output_stays_the_same_builds_none_of_its_children() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "base").ThenBuilds("base")
            .WhenBuiltTheSame("base").ThenAsksNothing().AndHoldsNothing();

    // base ─┬─ left ──┐
    //       └─ right ─┴─ top
    [Fact]
    public void The_top_of_a_diamond_is_built_once_after_both_sides() =>
        Scenario.Given(Shop.With("base").Image("left", "base").Image("right", "base").Image("top", "left", "right")).Running()
            .WhenSourceEdited("2", "base").ThenBuilds("base")
            .WhenBuilt("base").ThenBuilds("left", "right")
            .WhenBuilt("left").ThenBuildsNothing().AndHolds("top", new HoldReason.ForBase(new ImageName("right")))
            .WhenBuilt("right").ThenBuilds("top")
            .WhenBuilt("top").ThenAsksNothing();

    [Fact]
    public void Four_levels_are_built_one_after_another()
    {
        Scenario scenario = Scenario.Given(Shop.With("a").Image("b", "a").Image("c", "b").Image("d", "c")).Running().WhenSourceEdited("2", "a");
        foreach ((string done, string next) in new[] { ("a", "b"), ("b", "c"), ("c", "d") })
            scenario.ThenBuilds(done).WhenBuilt(done).ThenBuilds(next);
    }

    [Fact]
    public void Ten_children_of_one_base_start_together_when_it_is_done()
    {
        string[] children = [.. Enumerable.Range(0, 10).Select(i => $"child{i}")];
        Scenario.Given(Shop.With("base").Feeding(children)).Running()
            .WhenSourceEdited("2", "base").ThenBuilds("base").WhenBuilt("base").ThenBuilds(children);
    }

    [Fact]
    public void No_more_builds_run_than_allowed_and_the_rest_say_so() =>
        Scenario.Given(Shop.With("a", "b", "c"), parallel: 2)
            .WhenStarted().ThenBuilds("a", "b").AndHolds("c", new HoldReason.ParallelLimit(2))
            .WhenBuilt("a").ThenBuilds("c").AndHoldsNothing();

    [Fact]
    public void When_there_is_room_for_one_the_longest_chain_goes_first() =>
        Scenario.Given(Shop.With("first", "alone").Image("root").Image("middle", "root").Image("leaf", "middle"), parallel: 1)
            .WhenStarted().ThenBuilds("first")
            .WhenBuilt("first").ThenBuilds("root").AndHolds("alone", new HoldReason.ParallelLimit(1));

    [Fact]
    public void What_waits_for_room_waits_for_its_base_too_when_that_changes() =>
        Scenario.Given(Shop.With("base", "other").Image("api", "base"), parallel: 1).Running()
            .WhenSourceEdited("2", "other").ThenBuilds("other")
            .WhenSourceEdited("2", "api").AndHolds("api", new HoldReason.ParallelLimit(1))
            .WhenSourceEdited("2", "base").AndHolds("api", new HoldReason.ForBase(Base))
            .WhenBuilt("other").ThenBuilds("base")
            .WhenBuilt("base").ThenBuilds("api");

    [Fact]
    public void An_edit_during_builds_cancels_only_the_build_that_it_makes_obsolete() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api", "worker").ThenBuilds("api", "worker")
            .WhenSourceEdited("3", "api").ThenCancels("api").ThenBuilds("api")
            .WhenBuilt("worker").ThenCancels().ThenBuildsNothing();

    [Fact]
    public void An_edit_during_a_build_that_changes_no_content_cancels_nothing() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").ThenBuilds("api")
            .WhenTouched("api/src/main.txt").ThenLooksAt("api").ThenCancels().ThenBuildsNothing();

    [Fact]
    public void An_edit_that_is_taken_back_during_its_build_ends_the_build_and_needs_none() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").ThenBuilds("api")
            .WhenSourceEdited("api 1\n", "api").ThenCancels("api").ThenBuildsNothing().AndHoldsNothing();

    [Fact]
    public void A_new_base_makes_the_running_build_of_its_child_obsolete_once_it_is_known() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").ThenBuilds("api")
            .WhenSourceEdited("2", "base").ThenBuilds("base").ThenCancels()
            .WhenBuilt("base").ThenCancels("api").ThenBuilds("api", "worker");

    [Fact]
    public void A_failed_base_holds_its_children_and_theirs_while_others_go_on_and_the_next_edit_retries() =>
        Scenario.Given(Family.Image("worker-debug", "worker"))
            .WhenStarted().ThenBuilds("base", "lonely")
            .WhenBuildFails("base").ThenBuildsNothing()
            .AndHolds("api", new HoldReason.BaseFailed(Base)).AndHolds("worker-debug", new HoldReason.BaseFailed(Base))
            .WhenBuilt("lonely").ThenBuildsNothing()
            .WhenSourceEdited("2", "lonely").ThenBuilds("lonely")
            .WhenSourceEdited("2", "base").ThenBuilds("base")
            .WhenBuilt("base").ThenBuilds("api", "worker");

    [Fact]
    public void A_failed_child_leaves_its_siblings_alone() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "base").WhenBuilt("base").ThenBuilds("api", "worker")
            .WhenBuildFails("api").ThenCancels().ThenBuildsNothing()
            .WhenBuilt("worker").ThenBuildsNothing()
            .WhenSourceEdited("3", "api").ThenBuilds("api");

    [Fact]
    public void A_failure_is_over_when_the_edit_that_caused_it_is_taken_back()
    {
        Scenario scenario = Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").WhenBuildFails("api")
            .WhenSourceEdited("api 1\n", "api").ThenBuildsNothing();
        scenario.State.Images[new ImageName("api")].Failure.ShouldBeNull();
    }

    [Fact]
    public void A_build_that_the_environment_failed_is_tried_again_after_any_edit() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").WhenBuildFails("api", environment: true)
            .WhenEdited("lonely/notes.md", "saved").ThenBuilds("api")
            .Because("api", "api/src/main.txt changed, read by `COPY src /src`", "tried again after a failure");

    [Fact]
    public void A_file_that_changed_while_it_was_sent_makes_another_build() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "api").ThenBuilds("api")
            .WhenBuildIsObsolete("api", "api/src/main.txt").ThenBuilds("api")
            .Because("api", "api/src/main.txt changed, read by `COPY src /src`", "api/src/main.txt changed while it was sent");

    [Fact]
    public void An_answer_of_a_build_that_was_cancelled_counts_for_nothing()
    {
        Scenario scenario = Scenario.Given(Family).Running().WhenSourceEdited("2", "api");
        RunningBuild old = scenario.State.Images[new ImageName("api")].Building!;
        scenario.WhenSourceEdited("3", "api");
        EngineState before = scenario.State;
        scenario.When(new EngineEvent.BuildFinished(old.Work, new ImageName("api"), new BuildOutcome.Built(FakeWork.Digest("late")))).ThenAsksNothing();
        scenario.State.ShouldBeSameAs(before);
    }

    [Fact]
    public void A_look_that_began_before_an_edit_counts_for_nothing() =>
        Scenario.Given(Family).Running().HoldingLooks()
            .WhenSourceEdited("2", "api").ThenLooksAt("api")
            .WhenSourceEdited("3", "api").ThenLooksAt("api")
            .WhenLookEnds("api").ThenBuildsNothing()
            .WhenLookEnds("api").ThenBuilds("api");

    [Fact]
    public void An_input_that_cannot_be_read_fails_the_image_until_it_can()
    {
        Scenario scenario = Scenario.Given(Family).Running();
        scenario.Files.Lock("api/src/main.txt");
        scenario.WhenTouched("api/src/main.txt").ThenBuildsNothing();
        scenario.State.Images[new ImageName("api")].Failure.ShouldNotBeNull();
        scenario.WhenSourceEdited("2", "api").ThenBuilds("api");
    }

    [Fact]
    public void What_is_known_under_its_key_is_not_built_again() =>
        Scenario.Given(Family).Running()
            .WhenSourceEdited("2", "base").WhenBuilt("base").WhenBuilt("api").WhenBuilt("worker")
            .WhenSourceEdited("base 1\n", "base").ThenBuildsNothing().ThenLooksAt("base", "api", "worker");

    [Fact]
    public void Whatever_was_saved_before_the_watch_stood_is_found_then()
    {
        Scenario scenario = Scenario.Given(Family).Running();
        scenario.Files.Write("api/src/main.txt", "saved before");
        scenario.WhenTheWatchStands().ThenLooksAt("lonely", "base", "api", "worker").ThenBuilds("api").Because("api", "looked at again once the watch stood");
    }

    [Fact]
    public void Whatever_was_saved_while_events_were_lost_is_found()
    {
        Scenario scenario = Scenario.Given(Family).Running().WhenEventsAreLost().ThenBuildsNothing();
        scenario.Files.Write("worker/src/main.txt", "lost");
        scenario.WhenEventsAreLost().ThenBuilds("worker").Because("worker", "file events were lost");
    }

    [Fact]
    public void Stopping_ends_all_work_and_starts_none()
    {
        Scenario scenario = Scenario.Given(Family.Running("web", ["lonely"])).WhenStarted().WhenBuilt("lonely").ThenDeploys("web")
            .HoldingLooks().WhenSourceEdited("2", "lonely");
        scenario.When(new EngineEvent.StopRequested());
        scenario.Asked.ShouldAllBe(e => e is EngineEffect.Cancel);
        scenario.Asked.Count.ShouldBe(3, "the build of base, the look at lonely, the deploy of web");
        scenario.News.OfType<News.BuildCancelled>().ShouldHaveSingleItem().Stopped.ShouldBeTrue();
        scenario.WhenTouched("api/src/main.txt").ThenAsksNothing().ThenOutcomeIs(RunOutcome.Interrupted);
    }
}
