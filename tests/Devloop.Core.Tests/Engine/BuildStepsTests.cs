using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing.Recorded;

namespace Devloop.Core.Tests.Engine;

/// <summary>The fold, mostly over what an engine really said.</summary>
public class BuildStepsTests
{
    [Fact]
    public void A_build_from_nothing_has_every_line_of_its_stages_and_the_export_with_its_time()
    {
        BuildSteps steps = RecordedBuild.Steps("pulled");
        steps.All.Select(s => $"{s.Name.Place} {s.Name.Text.Split(' ')[0]} {s.Outcome}").ShouldBe(
        [
            "[stage-1 1/3] FROM Built", "[build 2/4] WORKDIR Built", "[build 3/4] COPY Built", "[build 4/4] RUN Built",
            "[stage-1 2/3] COPY Built", "[stage-1 3/3] RUN Built", " exporting Built",
        ]);
        steps.Count.ShouldBe(6);
        steps.Cached.ShouldBe(0);
        steps.All[3].Took.ShouldBe(TimeSpan.FromSeconds(2.46));
        steps.Running.ShouldBeNull();
        steps.Moved.ShouldBeNull();
    }

    [Fact]
    public void The_same_build_again_counts_what_was_cached()
    {
        BuildSteps steps = RecordedBuild.Steps("cached");
        (steps.Count, steps.Cached).ShouldBe((6, 5));
        steps.All.Where(s => s.Outcome == StepOutcome.Cached).ShouldAllBe(s => s.Took < TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_failed_build_names_the_step_that_failed_and_the_one_beside_it_that_was_stopped()
    {
        BuildSteps steps = RecordedBuild.Steps("failed");
        steps.Failed!.Name.ToString().ShouldBe("[stage-1 2/3] RUN sleep 0.5; echo no luck >&2; exit 3");
        steps.All.Single(s => s.Outcome == StepOutcome.Stopped).Name.ToString().ShouldBe("[slow 2/2] RUN echo slow; sleep 30");
    }

    [Theory]
    [InlineData(1.05, null)] // looked up only
    [InlineData(1.06, 1)] // the context is on its way
    [InlineData(1.18, 55)]
    [InlineData(1.22, 100)] // the context is there, and of the base two small parts
    [InlineData(1.25, 62)] // the layer became known
    [InlineData(1.34, 87)]
    [InlineData(1.74, 100)]
    [InlineData(2.1, null)] // a line that moves nothing
    public void The_percentage_is_that_of_what_goes_on(double at, int? percent) =>
        (RecordedBuild.Steps("pulled", TimeSpan.FromSeconds(at)) is { Moved: { } moved } ? moved.Percent : (int?)null).ShouldBe(percent);

    [Fact]
    public void While_the_context_is_sent_the_files_and_bytes_are_told()
    {
        BuildProgress.Upload sending = RecordedBuild.Steps("pulled", TimeSpan.FromSeconds(1.06)).Sending.ShouldNotBeNull();
        (sending.Files, sending.Bytes, sending.Total).ShouldBe((0, 65536, 5000000));
        RecordedBuild.Steps("pulled").Sending.ShouldBeNull();
    }

    [Fact]
    public void Of_stages_side_by_side_the_one_that_began_last_counts_as_running() =>
        RecordedBuild.Steps("failed", TimeSpan.FromSeconds(0.9)).Running!.Name.Stage.ShouldBe("slow");

    [Fact]
    public void What_is_said_of_an_unknown_step_changes_nothing() =>
        BuildSteps.None.With(new BuildProgress.StepFinished("1", "RUN make", TimeSpan.Zero, Cached: false, null), TimeSpan.Zero)
            .With(new BuildProgress.Transfer("1", "layer", 1, 2, Done: false), TimeSpan.Zero).ShouldBeSameAs(BuildSteps.None);

    [Theory]
    [InlineData("[2/5] RUN make", null, 2, 5, "RUN make")]
    [InlineData("[ 2/15] RUN make", null, 2, 15, "RUN make")]
    [InlineData("[build 2/5] COPY . .", "build", 2, 5, "COPY . .")]
    [InlineData("[build  2/15] COPY . .", "build", 2, 15, "COPY . .")]
    [InlineData("[linux/arm64 build 2/5] COPY . .", "build", 2, 5, "COPY . .")]
    [InlineData("[linux/arm64/v8 2/5] COPY . .", null, 2, 5, "COPY . .")]
    [InlineData("[2/3] RUN echo [1/9] a", null, 2, 3, "RUN echo [1/9] a")]
    [InlineData("exporting to image", null, null, null, "exporting to image")]
    [InlineData("[internal] load build context", null, null, null, "[internal] load build context")]
    [InlineData("[99999999999/5] RUN", null, null, null, "[99999999999/5] RUN")]
    [InlineData("", null, null, null, "")]
    public void The_name_of_a_step_is_read_as_the_builder_writes_it(string name, string? stage, int? number, int? of, string text) =>
        StepName.Read(name).ShouldBe(new StepName(text, stage, number, of));

    [Fact]
    public void The_layers_of_a_push_are_summed_and_one_that_is_done_is_done_whole()
    {
        LayerTransfers push = LayerTransfers.None
            .With(new BuildProgress.Transfer("a", "Preparing", 0, 0, Done: false))
            .With(new BuildProgress.Transfer("a", "Pushing", 30, 100, Done: false))
            .With(new BuildProgress.Transfer("b", "Pushing", 300, 300, Done: false))
            .With(new BuildProgress.Transfer("c", "Layer already exists", 0, 0, Done: true));
        push.Moved.ShouldBe(new Moved(330, 400));
        push.Moved!.Value.Percent.ShouldBe(82);
        push.With(new BuildProgress.Transfer("a", "Pushed", 0, 0, Done: true)).Moved.ShouldBe(new Moved(400, 400));
    }
}
