using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>What is looked up in the registry, published there and fetched from there.</summary>
public class SharingScenarios
{
    private static readonly Delivery Nodes = new Delivery.Registry("127.0.0.1:5005", "registry:5000");
    private static readonly BuildMemory Whole = new("127.0.0.1:5005", Whole: true), Some = new("127.0.0.1:5005", Whole: false);
    private static readonly Diagnostic Broken = Diagnostic.Warning(DiagnosticCode.PullFailed, "it was not pulled");

    private static Shop Web => Shop.With("base").Image("api", "base").Running("web", ["api"]);

    [Fact]
    public void A_pipeline_looks_every_image_up_and_publishes_bases_too() =>
        Scenario.Given(Web, RunMode.Once, memory: Whole)
            .WhenStarted().ThenLooksFor("base", RegistryLook.Always)
            .WhenBuilt("base").ThenPushes("base").ThenLooksFor("api", RegistryLook.Always).ThenBuilds("api")
            .WhenPushed("base").ThenPublishes("base");

    [Fact]
    public void A_pipeline_deploys_only_what_is_settled_for_everybody() =>
        Scenario.Given(Web, RunMode.Once, memory: Whole)
            .WhenStarted().WhenBuilt("base").WhenPushed("base").WhenPublished("base")
            .WhenBuilt("api").WhenPushed("api").ThenPublishes("api").ThenDeploysNothing().ThenOutcomeIs(RunOutcome.Running)
            .WhenPublished("api").ThenDeploys("web");

    [Fact]
    public void A_child_does_not_wait_until_its_base_is_settled() =>
        Scenario.Given(Web, RunMode.Once, memory: Whole).WhenStarted().WhenBuilt("base").ThenBuilds("api");

    [Fact]
    public void An_image_that_another_published_first_is_adopted_and_what_stands_on_it_follows() =>
        Scenario.Given(Web, RunMode.BuildOnly, memory: Whole)
            .WhenStarted().WhenBuilt("base").WhenPushed("base").WhenBuilt("api").WhenPushed("api").WhenPublished("api")
            .WhenPublished("base", counts: "theirs").ThenPulls("base").ThenBuildsNothing().ThenPushes()
            .AndHolds("api", new HoldReason.ForBase(new ImageName("base")))
            .WhenPulled("base").ThenBuilds("api").EachPinnedTo($"FROM base:{ContentTag.Of(FakeWork.Digest("theirs"))}").Because("api", $"on base {ContentTag.Of(FakeWork.Digest("theirs")).Short}")
            .WhenBuilt("api").WhenPushed("api").WhenPublished("api").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void What_was_adopted_is_told_as_reused_with_the_reason()
    {
        Scenario scenario = Scenario.Given(Shop.With("base"), RunMode.BuildOnly, memory: Whole).WhenStarted().WhenBuilt("base").WhenPushed("base").WhenPublished("base", counts: "theirs");
        News.BuildSucceeded told = scenario.News.OfType<News.BuildSucceeded>().ShouldHaveSingleItem();
        told.Result.Kind.ShouldBe(BuildKind.Reused);
        told.Result.Digest.ShouldBe(FakeWork.Digest("theirs"));
        told.Reasons.ShouldBe([new BuildReason.PublishedBefore()]);
        scenario.ThenOutcomeIs(RunOutcome.Succeeded);
    }

    [Fact]
    public void What_is_found_is_neither_built_nor_pushed_nor_fetched_when_nothing_needs_it_here() =>
        Scenario.Given(Web, RunMode.Once, delivery: Nodes, memory: Whole).Published("base", "api")
            .WhenStarted().ThenBuildsNothing().ThenPulls().ThenPushes().ThenPublishes().ThenDeploys("web");

    [Fact]
    public void Nodes_that_share_the_engine_need_what_they_run_there() =>
        Scenario.Given(Web, RunMode.Once, memory: Whole).Published("base", "api")
            .WhenStarted().ThenBuildsNothing().ThenPulls("api").ThenDeploysNothing()
            .WhenPulled("api").ThenDeploys("web");

    [Fact]
    public void A_child_that_must_be_built_waits_for_its_base_to_be_fetched()
    {
        Scenario scenario = Scenario.Given(Web, RunMode.BuildOnly, memory: Whole).Published("base")
            .WhenStarted().ThenPulls("base").ThenBuildsNothing().AndHolds("api", new HoldReason.ForBase(new ImageName("base")))
            .WhenPulled("base").ThenBuilds("api");
        scenario.State.Images[new ImageName("base")].Result!.Kind.ShouldBe(BuildKind.Pulled);
    }

    [Fact]
    public void An_image_that_cannot_be_fetched_is_built_and_counts_though_another_is_published() =>
        Scenario.Given(Web, RunMode.BuildOnly, memory: Whole).Published("base")
            .WhenStarted().WhenPulled("base", Broken).ThenLooksFor("base", RegistryLook.None).ThenBuilds("base").Because("base", "it could not be pulled")
            .WhenBuilt("base", "ours").ThenBuilds("api").ThenPushes("base")
            .WhenPushed("base").WhenPublished("base", counts: "base of another machine").ThenAsksNothing()
            .WhenBuilt("api").WhenPushed("api").WhenPublished("api").ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void In_the_loop_a_mere_base_is_looked_up_once_and_an_edit_of_it_waits_for_no_network() =>
        Scenario.Given(Web, memory: Some)
            .WhenStarted().ThenLooksFor("base", RegistryLook.WhenUnknown)
            .WhenBuilt("base").WhenBuilt("api").WhenApplied("web").WhenReady("web")
            .WhenSourceEdited("2", "base").ThenLooksFor("base", RegistryLook.None);

    [Fact]
    public void In_the_loop_what_nodes_pull_is_looked_up_and_published_and_the_deploy_does_not_wait_for_that() =>
        Scenario.Given(Web, delivery: Nodes, memory: Some)
            .WhenStarted().WhenBuilt("base").ThenPushes().ThenLooksFor("api", RegistryLook.Always)
            .WhenBuilt("api").ThenPushes("api")
            .WhenPushed("api").ThenPublishes("api").ThenDeploys("web");

    [Fact]
    public void In_the_loop_an_adopted_image_is_deployed_too() =>
        Scenario.Given(Web, delivery: Nodes, memory: Some)
            .WhenStarted().WhenBuilt("base").WhenBuilt("api").WhenPushed("api").WhenApplied("web").WhenReady("web")
            .WhenPublished("api", counts: "theirs").ThenBuildsNothing().ThenPushes().ThenDeploys("web");

    [Fact]
    public void A_new_key_for_the_same_image_is_published_without_a_push() =>
        Scenario.Given(Web, delivery: Nodes, memory: Some).Running()
            .WhenSourceEdited("2", "api").WhenBuiltTheSame("api").ThenPushes().ThenPublishes("api");

    [Fact]
    public void An_edit_during_a_publication_makes_its_answer_count_for_nothing() =>
        Scenario.Given(Web, delivery: Nodes, memory: Some)
            .WhenStarted().WhenBuilt("base").WhenBuilt("api").WhenPushed("api")
            .WhenSourceEdited("2", "api").WhenPublished("api", counts: "theirs").ThenDeploysNothing()
            .WhenBuilt("api").ThenPushes("api");

    [Fact]
    public void Without_a_memory_nothing_is_looked_up_or_published() =>
        Scenario.Given(Web, delivery: Nodes).WhenStarted().ThenLooksFor("base", RegistryLook.None)
            .WhenBuilt("base").WhenBuilt("api").WhenPushed("api").ThenPublishes();

    [Fact]
    public void Asked_for_anew_every_step_runs() =>
        Scenario.Given(Web, RunMode.BuildOnly, memory: Whole, noCache: true).WhenStarted()
            .Asked.OfType<EngineEffect.StartBuild>().ShouldHaveSingleItem().NoCache.ShouldBeTrue();

    [Fact]
    public void Stopping_ends_publications_and_pulls()
    {
        Scenario scenario = Scenario.Given(Web, RunMode.BuildOnly, memory: Whole).Published("base").WhenStarted();
        WorkId pull = scenario.State.Images[new ImageName("base")].Pulling;
        scenario.When(new EngineEvent.StopRequested()).Asked.ShouldContain(new EngineEffect.Cancel(pull));

        Scenario publishing = Scenario.Given(Shop.With("a"), RunMode.BuildOnly, memory: Whole).WhenStarted().WhenBuilt("a").WhenPushed("a");
        WorkId publication = publishing.State.Images[new ImageName("a")].Publishing;
        publishing.When(new EngineEvent.StopRequested()).Asked.ShouldContain(new EngineEffect.Cancel(publication));
    }
}
