using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

public class LiveUpdateScenarios
{
    private const string Steps = "{sync: {from: api/src, to: /src}}, {sync: {from: base/src, to: /base}}, {fall_back_on: [api/src/lock.txt]}";

    private static readonly Diagnostic Why = Diagnostic.Error(DiagnosticCode.ApplyRejected, "the transfer broke");

    /// <summary>api, on base, runs in web and is updated in place.</summary>
    private static Shop Web(string more = "") => Shop.With("base").Image("api", "base").Running("web", ["api"]).Asking("api", $"live_update: [{Steps}{more}]");

    private static Scenario Live(string more = "") => Scenario.Given(Web(more)).Running().WhenContainers("web", "api", "pod/c1");

    [Fact]
    public void An_edit_that_containers_can_be_given_builds_and_deploys_nothing() =>
        Live().WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt").ThenBuildsNothing().ThenDeploysNothing()
            .WhenUpdated("web", "c1").ThenBuildsNothing().ThenDeploysNothing().ThenUpdatesNothing();

    [Fact]
    public void The_image_is_built_once_edits_pause_and_its_pods_stay()
    {
        Scenario scenario = Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds("api")
            .WhenBuilt("api").ThenDeploysNothing().ThenUpdatesNothing();
        scenario.State.Images[new ImageName("api")].Result!.Key.ShouldBe(scenario.State.Images[new ImageName("api")].Seen!.Key);
    }

    [Fact]
    public void A_build_in_the_background_does_not_keep_a_round_from_ending()
    {
        Scenario scenario = Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1");
        scenario.News.OfType<News.Quiet>().Single().Round.Updated.ShouldBe(1);
        scenario.WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds("api");
        RunOutcomes.IsQuiet(scenario.State).ShouldBeTrue();
    }

    [Fact]
    public void A_newer_edit_ends_the_build_in_the_background_and_goes_to_the_containers() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1").WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds("api")
            .WhenEdited("api/src/main.txt", "3").ThenCancels("api").ThenUpdates("c1: +/src/main.txt");

    [Fact]
    public void An_edit_of_a_base_goes_to_the_containers_of_what_stands_on_it_and_both_are_built_behind_them() =>
        Live().WhenEdited("base/src/main.txt", "2").ThenUpdates("c1: +/base/main.txt").ThenBuildsNothing()
            .WhenUpdated("web", "c1").WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds("base")
            .WhenBuilt("base").ThenDeploysNothing().WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds("api")
            .WhenBuilt("api").ThenDeploysNothing().ThenUpdatesNothing();

    [Fact]
    public void What_the_config_falls_back_on_is_built_and_deployed_and_the_reason_says_so()
    {
        Scenario scenario = Live().WhenEdited("api/src/lock.txt", "1").ThenUpdatesNothing().ThenBuilds("api");
        scenario.Asked.OfType<EngineEffect.StartBuild>().Single().Reasons[0].ShouldBeOfType<BuildReason.NotLive>().Path.ShouldBe("api/src/lock.txt");
        scenario.WhenBuilt("api").ThenDeploys("web");
    }

    [Fact]
    public void What_containers_had_already_is_built_with_what_they_cannot_be_given()
    {
        Scenario scenario = Live().WhenEdited("base/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenEdited("api/src/lock.txt", "1").ThenBuilds("base").WhenBuilt("base").ThenBuilds("api");
        scenario.EachPinnedTo("FROM base:" + scenario.TagOf("base")).WhenBuilt("api").ThenDeploys("web");
    }

    [Fact]
    public void An_edit_that_is_taken_back_is_taken_back_in_the_containers() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenEdited("api/src/main.txt", "api 1\n").ThenUpdates("c1: +/src/main.txt").ThenBuildsNothing().WhenUpdated("web", "c1")
            .WhenEdited("api/src/new.txt", "1").ThenUpdates("c1: +/src/new.txt").WhenUpdated("web", "c1")
            .WhenDeleted("api/src/new.txt").ThenUpdates("c1: -/src/new.txt");

    [Fact]
    public void Of_a_container_that_ends_in_mid_transfer_no_update_is_told_but_of_its_successor()
    {
        Scenario scenario = Live().WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt").WhenUpdated("web", "c1", new ContainerUpdateOutcome.Gone());
        scenario.News.OfType<News.LiveUpdateFinished>().ShouldBeEmpty();
        scenario.WhenContainers("web", "api", "pod/c2").ThenUpdates("c2: +/src/main.txt").WhenUpdated("web", "c2")
            .News.OfType<News.LiveUpdateFinished>().ShouldHaveSingleItem();
        scenario.WhenEdited("api/src/main.txt", "3").ThenUpdates("c2: +/src/main.txt").WhenContainers("web", "api", "pod/c3");
        scenario.News.OfType<News.LiveUpdateFinished>().ShouldBeEmpty();
        scenario.ThenUpdates("c3: +/src/main.txt").WhenUpdated("web", "c3").News.OfType<News.LiveUpdateFinished>().ShouldHaveSingleItem();
    }

    [Fact]
    public void What_containers_were_given_and_cannot_be_taken_back_goes_with_their_pods()
    {
        // Above a RUN nobody knows whether a path was there before.
        Scenario scenario = Scenario.Given(Shop.With("api").Running("web", ["api"]).Asking("api", "live_update: auto").File("api/Dockerfile", "FROM scratch\nRUN make\nCOPY src /src\n")).Running()
            .WhenContainers("web", "api", "pod/c1")
            .WhenEdited("api/src/new.txt", "1").ThenUpdates("c1: +/src/new.txt restart").WhenUpdated("web", "c1");
        scenario.WhenDeleted("api/src/new.txt").ThenUpdatesNothing().ThenBuildsNothing().ThenDeploysNothing().ThenReplacesPodOf("c1")
            .WhenUpdated("web", "c1", new ContainerUpdateOutcome.Gone()).ThenReplacesPodOf()
            .WhenContainers("web", "api", "other/c2").ThenUpdatesNothing().ThenReplacesPodOf();
    }

    [Fact]
    public void What_cannot_be_taken_back_goes_with_the_image_when_there_is_another() =>
        Scenario.Given(Shop.With("api").Running("web", ["api"]).Asking("api", "live_update: auto").File("api/Dockerfile", "FROM scratch\nRUN make\nCOPY src /src\n")).Running()
            .WhenContainers("web", "api", "pod/c1")
            .WhenEdited("api/src/new.txt", "1").WhenUpdated("web", "c1").WhenWoken("web", TimeSpan.FromSeconds(1)).WhenBuilt("api")
            .WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenDeleted("api/src/new.txt").ThenReplacesPodOf().ThenBuilds("api").WhenBuilt("api").ThenDeploys("web");

    [Fact]
    public void All_containers_of_an_image_get_an_edit_and_each_one_thing_at_a_time() =>
        Live().WhenContainers("web", "api", "pod/c1", "pod2/c2")
            .WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt", "c2: +/src/main.txt")
            .WhenEdited("api/src/other.txt", "2").ThenUpdatesNothing()
            .WhenUpdated("web", "c1").ThenUpdates("c1: +/src/other.txt")
            .WhenUpdated("web", "c2").ThenUpdates("c2: +/src/other.txt");

    [Fact]
    public void A_container_that_started_again_gets_everything_since_its_image_and_is_not_ready_before()
    {
        Scenario scenario = Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1").WhenEdited("api/src/other.txt", "1").WhenUpdated("web", "c1")
            .WhenObserved("web", Healths.Starting)
            .WhenContainers("web", "api", "pod/c9").ThenUpdates("c9: +/src/main.txt +/src/other.txt")
            .WhenReady("web");
        scenario.State.Resources[new ResourceName("web")].Health.ShouldBeOfType<Health.Progressing>();
        scenario.WhenUpdated("web", "c9").News.OfType<News.Status>().Single().Now.ShouldBeOfType<Health.Ready>();
        scenario.News.OfType<News.LiveUpdateFinished>().Single().Update.CatchesUp.ShouldBeTrue();
    }

    [Fact]
    public void A_pod_that_replaces_another_gets_it_too_and_then_the_image_is_deployed_that_was_built_meanwhile() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1").WhenWoken("web", TimeSpan.FromSeconds(1)).WhenBuilt("api").ThenDeploysNothing()
            .WhenContainers("web", "api")
            .WhenContainers("web", "api", "other/c2").ThenUpdates("c2: +/src/main.txt").ThenDeploys("web")
            .WhenApplied("web").ThenUpdatesNothing();

    [Fact]
    public void The_image_for_a_replaced_pod_is_waited_for() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenContainers("web", "api", "other/c2").ThenUpdates("c2: +/src/main.txt").ThenDeploysNothing()
            .WhenUpdated("web", "c2").WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds("api").WhenBuilt("api").ThenDeploys("web");

    [Theory]
    [InlineData("never", false, false)]
    [InlineData("on_restart", false, true)]
    [InlineData("background", true, false)]
    public void The_config_says_when_the_image_is_built(string policy, bool atOnce, bool onRestart) =>
        Live($", {{image: {policy}}}").WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds(atOnce ? ["api"] : [])
            .WhenContainers("web", "api", "pod/c2").ThenUpdates("c2: +/src/main.txt").WhenUpdated("web", "c2")
            .WhenWoken("web", TimeSpan.FromSeconds(1)).ThenBuilds(onRestart ? ["api"] : []);

    [Fact]
    public void A_transfer_that_breaks_is_tried_again_and_then_the_image_is_built()
    {
        Scenario scenario = Live().WhenEdited("api/src/main.txt", "2")
            .WhenUpdated("web", "c1", new ContainerUpdateOutcome.Broken(Why)).ThenUpdatesNothing()
            .WhenWoken("web", TimeSpan.FromSeconds(0.2)).ThenUpdates("c1: +/src/main.txt")
            .WhenUpdated("web", "c1", new ContainerUpdateOutcome.Broken(Why)).ThenUpdatesNothing()
            .WhenWoken("web", TimeSpan.FromSeconds(0.4)).ThenUpdates("c1: +/src/main.txt")
            .WhenUpdated("web", "c1", new ContainerUpdateOutcome.Broken(Why)).ThenUpdatesNothing().ThenBuilds("api");
        News.LiveUpdateFinished told = scenario.News.OfType<News.LiveUpdateFinished>().Single();
        (told.Update.BuildsInstead, told.Update.Failures.Single()).ShouldBe((true, Why));
        scenario.WhenBuilt("api").ThenDeploys("web").WhenApplied("web").WhenContainers("web", "api", "pod2/c2").WhenReady("web")
            .WhenEdited("api/src/main.txt", "3").ThenUpdates("c2: +/src/main.txt");
    }

    [Fact]
    public void What_may_have_come_half_is_sent_again_even_when_the_edit_is_taken_back() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenEdited("api/src/main.txt", "api 1\n")
            .WhenUpdated("web", "c1", new ContainerUpdateOutcome.Broken(Why)).WhenWoken("web", TimeSpan.FromSeconds(0.2)).ThenUpdates("c1: +/src/main.txt");

    [Fact]
    public void A_container_that_refuses_is_left_to_images_until_the_config_changes() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1", new ContainerUpdateOutcome.Refused(Why)).ThenBuilds("api").WhenBuilt("api").ThenDeploys("web")
            .WhenApplied("web").WhenContainers("web", "api", "pod2/c2").WhenReady("web")
            .WhenEdited("api/src/main.txt", "3").ThenUpdatesNothing().ThenBuilds("api");

    [Fact]
    public void A_command_that_fails_is_told_and_runs_again_with_the_next_edit_alone()
    {
        Scenario scenario = Live(", {run: make}").WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt !make")
            .WhenUpdated("web", "c1", new ContainerUpdateOutcome.RunFailed(new CommandWords(["make"], Shell: true), 2, Why)).ThenUpdatesNothing().ThenBuildsNothing();
        scenario.News.OfType<News.LiveUpdateFinished>().Single().Update.BuildsInstead.ShouldBeFalse();
        scenario.WhenWoken("web", TimeSpan.FromSeconds(5)).ThenUpdatesNothing()
            .WhenEdited("api/src/other.txt", "2").ThenUpdates("c1: +/src/main.txt +/src/other.txt !make");
    }

    [Fact]
    public void A_process_that_cannot_be_started_again_in_place_gets_a_new_image()
    {
        Scenario scenario = Live(", {restart: true}");
        LiveContainer container = scenario.Container("web", "api", "pod/c1");
        scenario.WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt restart").WhenUpdated("web", "c1")
            .WhenContainersOf("web", container with { Supervised = false })
            .WhenEdited("api/src/main.txt", "3").ThenUpdatesNothing().ThenBuilds("api").WhenBuilt("api").ThenDeploys("web");
    }

    [Theory]
    [InlineData(FileAwareness.None, true)]
    [InlineData(FileAwareness.ServesFiles, false)]
    [InlineData(FileAwareness.Watches, false)]
    public void A_process_is_started_again_when_it_would_not_notice(FileAwareness awareness, bool restarts)
    {
        Scenario scenario = Live(", {restart: auto}");
        scenario.WhenContainersOf("web", scenario.Container("web", "api", "pod/c1") with { Awareness = awareness })
            .WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt" + (restarts ? " restart" : ""));
    }

    [Fact]
    public void A_workload_that_does_not_run_gets_a_new_image() =>
        Live().WhenObserved("web", Healths.Hopeless).WhenEdited("api/src/main.txt", "2").ThenUpdatesNothing().ThenBuilds("api");

    [Fact]
    public void Asked_for_by_the_user_the_image_is_built_and_deployed() =>
        Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .When(new EngineEvent.TriggerRequested([], [new ResourceName("web")], NoCache: false)).ThenBuilds("api").WhenBuilt("api").ThenDeploys("web");

    [Fact]
    public void Another_manifest_is_applied_at_once_and_its_pods_catch_up()
    {
        Scenario scenario = Live().WhenEdited("api/src/main.txt", "2").WhenUpdated("web", "c1")
            .WhenEdited("k8s/web.yaml", Shop.Manifest("web", "api").Replace("name: c0", "name: main", StringComparison.Ordinal)).ThenDeploys("web")
            .WhenApplied("web");
        scenario.WhenContainers("web", "api", "pod2/c2").ThenUpdates("c2: +/src/main.txt");
    }

    [Fact]
    public void A_change_of_the_dockerfile_is_built() =>
        Live().WhenEdited("api/Dockerfile", "FROM base\nCOPY src /src\nENV A=1\n").ThenUpdatesNothing().ThenBuilds("api");

    [Fact]
    public void A_base_that_somebody_runs_without_live_update_is_built_at_once_and_the_others_get_it_by_hand() =>
        Scenario.Given(Web().Image("job", "base").Running("batch", ["job"])).Running().WhenContainers("web", "api", "pod/c1")
            .WhenEdited("base/src/main.txt", "2").ThenUpdates("c1: +/base/main.txt").ThenBuilds("base")
            .WhenUpdated("web", "c1").WhenBuilt("base").ThenBuilds("job").WhenBuilt("job").ThenDeploys("batch");

    [Fact]
    public void A_new_container_gets_all_that_is_synced_when_the_config_asks_for_it()
    {
        Scenario scenario = Scenario.Given(Web(", {initial_sync: true}")).Running();
        scenario.WhenContainers("web", "api", "pod/c1").ThenUpdates("c1: +/base/main.txt +/src/main.txt").WhenUpdated("web", "c1").ThenUpdatesNothing();
    }

    [Fact]
    public void What_an_earlier_run_gave_a_container_is_brought_back_to_what_it_should_be()
    {
        Scenario scenario = Scenario.Given(Web()).Running();
        LiveContainer touched = scenario.Container("web", "api", "pod/c1") with { Touched = [new LivePath(new ImageName("api"), "src/main.txt"), new LivePath(new ImageName("api"), "src/gone.txt")] };
        scenario.WhenContainersOf("web", touched).ThenUpdates("c1: -/src/gone.txt +/src/main.txt").WhenUpdated("web", "c1").ThenUpdatesNothing();
    }

    [Fact]
    public void An_image_that_only_init_containers_run_is_built() =>
        Scenario.Given(Web()).Running().WhenContainersOf("web").WhenEdited("api/src/main.txt", "2").ThenUpdatesNothing().ThenBuilds("api").WhenBuilt("api").ThenDeploys("web");

    [Fact]
    public void A_Job_runs_anew_with_an_image_while_containers_of_others_are_given_the_edit()
    {
        Scenario scenario = Scenario.Given(Web().File("k8s/job.yaml", Shop.Manifest("job", "api").Replace("apps/v1", "batch/v1", StringComparison.Ordinal).Replace("kind: Deployment", "kind: Job", StringComparison.Ordinal))).Running()
            .WhenContainers("web", "api", "pod/c1");
        scenario.WhenEdited("api/src/main.txt", "2").ThenUpdates("c1: +/src/main.txt").ThenBuilds("api")
            .WhenUpdated("web", "c1").WhenBuilt("api").ThenDeploys("job");
    }

    [Fact]
    public void A_pipeline_gives_containers_nothing() =>
        Scenario.Given(Web(), RunMode.Once).Running().WhenEdited("api/src/main.txt", "2").ThenUpdatesNothing().ThenBuilds("api");
}
