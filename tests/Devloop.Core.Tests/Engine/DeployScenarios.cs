using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

public class DeployScenarios
{
    private static readonly Delivery Registry = new Delivery.Registry("127.0.0.1:5005", "registry:5000");
    private static readonly ResourceName Shared = new(Grouping.Uncategorized);

    private static Shop Web => Shop.With("base").Image("api", "base").Running("web", ["api"]);

    [Fact]
    public void A_workload_is_deployed_when_its_image_is_there_and_again_when_it_is_another() =>
        Scenario.Given(Web)
            .WhenStarted().ThenDeploysNothing().AndHoldsDeploy("web", new HoldReason.ForImage(new ImageName("api")))
            .WhenBuilt("base").ThenDeploysNothing()
            .WhenBuilt("api").ThenDeploys("web")
            .WhenApplied("web").WhenReady("web").ThenAsksNothing()
            .WhenSourceEdited("2", "api").WhenBuilt("api").ThenDeploys("web");

    [Fact]
    public void An_image_that_comes_out_the_same_deploys_nothing() =>
        Scenario.Given(Web).Running().WhenSourceEdited("2", "api").WhenBuiltTheSame("api").ThenDeploysNothing();

    [Fact]
    public void Objects_of_no_workload_are_applied_before_the_workloads() =>
        Scenario.Given(Web.Namespace("prod"))
            .WhenStarted().ThenDeploys(Shared.Value)
            .WhenBuilt("base").WhenBuilt("api").ThenDeploysNothing().AndHoldsDeploy("web", new HoldReason.ForResource(Shared))
            .WhenApplied(Shared.Value).ThenDeploys("web");

    [Fact]
    public void A_resource_waits_until_what_it_depends_on_was_ready_once()
    {
        Scenario scenario = Scenario.Given(Shop.With("a", "b").Running("db", ["a"]).Running("web", ["b"], "depends_on: [db]"))
            .WhenStarted().WhenBuilt("b").ThenDeploysNothing().AndHoldsDeploy("web", new HoldReason.ForResource(new ResourceName("db")))
            .WhenBuilt("a").ThenDeploys("db")
            .WhenApplied("db").ThenDeploysNothing()
            .WhenObserved("db", Healths.Starting).ThenDeploysNothing()
            .WhenReady("db").ThenDeploys("web");
        scenario.WhenApplied("web").WhenObserved("db", Healths.Broken)
            .WhenSourceEdited("2", "b").WhenBuilt("b").ThenDeploys("web");
    }

    [Fact]
    public void A_run_of_once_deploys_nothing_before_every_image_is_built() =>
        Scenario.Given(Shop.With("a", "b").Running("one", ["a"]).Running("two", ["b"]), RunMode.Once)
            .WhenStarted().WhenBuilt("a").ThenDeploysNothing().AndHoldsDeploy("one", new HoldReason.ForAllImages())
            .WhenBuilt("b").ThenDeploys("one", "two");

    [Fact]
    public void A_run_of_once_with_a_failed_image_deploys_nothing() =>
        Scenario.Given(Shop.With("a", "b").Running("one", ["a"]).Running("two", ["b"]), RunMode.Once)
            .WhenStarted().WhenBuildFails("a").ThenOutcomeIs(RunOutcome.Running)
            .WhenBuilt("b").ThenDeploysNothing().AndHoldsDeploy("two", new HoldReason.ImageFailed(new ImageName("a")))
            .ThenOutcomeIs(RunOutcome.BuildFailed);

    [Fact]
    public void In_the_loop_one_failed_image_keeps_only_its_own_workload() =>
        Scenario.Given(Shop.With("a", "b").Running("one", ["a"]).Running("two", ["b"]))
            .WhenStarted().WhenBuildFails("a").AndHoldsDeploy("one", new HoldReason.ImageFailed(new ImageName("a")))
            .WhenBuilt("b").ThenDeploys("two");

    [Fact]
    public void A_workload_behind_a_failed_base_says_so() =>
        Scenario.Given(Web).WhenStarted().WhenBuildFails("base").AndHoldsDeploy("web", new HoldReason.BaseFailed(new ImageName("base")));

    [Fact]
    public void A_refused_deploy_is_not_tried_again_until_something_about_it_changes() =>
        Scenario.Given(Web).Running()
            .WhenSourceEdited("2", "api").WhenBuilt("api").ThenDeploys("web")
            .WhenRefused("web").ThenAsksNothing()
            .WhenTouched("api/src/main.txt").ThenDeploysNothing()
            .WhenEdited("k8s/web.yaml", Shop.Manifest("web", "api") + "# mended\n").ThenDeploysNothing()
            .WhenEdited("k8s/web.yaml", Shop.Manifest("web", "api").Replace("name: c0", "name: main", StringComparison.Ordinal)).ThenDeploys("web");

    [Fact]
    public void A_deploy_that_the_environment_failed_is_tried_again_after_a_while()
    {
        Scenario scenario = Scenario.Given(Web).Running().WhenSourceEdited("2", "api").WhenBuilt("api").WhenRefused("web", environment: true);
        EngineEffect.WakeAfter wake = scenario.Asked.ShouldHaveSingleItem().ShouldBeOfType<EngineEffect.WakeAfter>();
        scenario.WhenWoken("web", wake.Time).ThenDeploys("web");
    }

    [Fact]
    public void A_deploy_that_the_environment_failed_is_tried_again_at_the_next_edit() =>
        Scenario.Given(Web).Running().WhenSourceEdited("2", "api").WhenBuilt("api").WhenRefused("web", environment: true)
            .WhenTouched("api/notes.md").ThenDeploys("web");

    [Fact]
    public void A_deploy_under_way_ends_before_the_next_one_of_the_same_resource_begins() =>
        Scenario.Given(Web).Running()
            .WhenSourceEdited("2", "api").WhenBuilt("api").ThenDeploys("web")
            .WhenSourceEdited("3", "api").WhenBuilt("api").ThenDeploysNothing()
            .WhenApplied("web").ThenDeploys("web");

    [Fact]
    public void What_runs_in_the_cluster_is_pushed_before_it_is_deployed_and_a_mere_base_is_not() =>
        Scenario.Given(Web, delivery: Registry)
            .WhenStarted().WhenBuilt("base").ThenPushes()
            .WhenBuilt("api").ThenPushes("api").ThenDeploysNothing()
            .WhenPushed("api").ThenDeploys("web");

    [Fact]
    public void A_base_that_resources_run_too_is_pushed_once_and_only_they_wait_for_it() =>
        Scenario.Given(Shop.With("base").Image("api", "base").Running("web", ["api"]).Running("one", ["base"]).Running("two", ["base"]), delivery: Registry)
            .WhenStarted().WhenBuilt("base").ThenPushes("base").ThenBuilds("api").ThenDeploysNothing()
            .WhenPushed("base").ThenPushes().ThenDeploys("one", "two");

    [Fact]
    public void Shared_work_pushes_bases_too() =>
        Scenario.Given(Web, RunMode.BuildOnly, memory: new BuildMemory("127.0.0.1:5005", Whole: true))
            .WhenStarted().WhenBuilt("base").ThenPushes("base").ThenBuilds("api");

    [Fact]
    public void A_push_that_fails_keeps_the_deploy_and_the_next_edit_pushes_again() =>
        Scenario.Given(Web, delivery: Registry)
            .WhenStarted().WhenBuilt("base").WhenBuilt("api")
            .WhenPushed("api", Diagnostic.Error(DiagnosticCode.PushFailed, "refused")).ThenDeploysNothing()
            .AndHoldsDeploy("web", new HoldReason.ImageFailed(new ImageName("api")))
            .WhenTouched("api/src/main.txt").ThenBuildsNothing().ThenPushes("api");

    [Fact]
    public void A_newer_image_is_pushed_after_the_push_that_runs() =>
        Scenario.Given(Web, delivery: Registry).Running()
            .WhenSourceEdited("2", "api").WhenBuilt("api").ThenPushes("api")
            .WhenSourceEdited("3", "api").WhenBuilt("api").ThenPushes()
            .When(new EngineEvent.Started()).ThenAsksNothing();
}
