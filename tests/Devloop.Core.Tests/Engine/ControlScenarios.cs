using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>
/// What the user does with a run from outside.
/// <code>
/// base ── app ── web (resource)
/// lib ──────── job (resource)
/// </code>
/// </summary>
public sealed class ControlScenarios
{
    private static Shop TwoResources(string web = "", string job = "") =>
        Shop.With("base").Feeding("app").Image("lib").Running("web", ["app"], web).Running("job", ["lib"], job);

    private static readonly EngineEvent.TriggerRequested TriggerWeb = new([], [new ResourceName("web")], NoCache: false);

    private static EngineEvent.TriggerRequested Trigger(string image, bool noCache) => new([new ImageName(image)], [], noCache);

    private static ResourceControl ControlOf(Scenario scenario, string name) => scenario.State.Resources[new ResourceName(name)].Control;

    [Fact]
    public void While_paused_an_edit_is_remembered_and_done_at_resume()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(new EngineEvent.Paused());
        scenario.WhenSourceEdited("2\n", "base").ThenAsksNothing().AndHolds("base", new HoldReason.Paused());
        scenario.News.OfType<News.Control.Held>().ShouldHaveSingleItem().Images.Select(i => i.Image.Value).ShouldBe(["base"]);
        scenario.When(new EngineEvent.Resumed()).ThenBuilds("base");
    }

    [Fact]
    public void A_build_that_runs_when_the_user_pauses_ends_and_nothing_follows_it_until_resume()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().WhenSourceEdited("2\n", "base").ThenBuilds("base");
        scenario.When(new EngineEvent.Paused()).ThenAsksNothing();
        scenario.WhenBuilt("base").ThenAsksNothing();
        scenario.When(new EngineEvent.Resumed()).ThenBuilds("app");
    }

    [Fact]
    public void An_image_that_is_asked_for_is_built_again_though_nothing_changed()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(Trigger("base", noCache: false)).ThenBuilds("base").Because("base", "asked for");
        scenario.Asked.OfType<EngineEffect.StartBuild>().Single().NoCache.ShouldBeFalse();
        scenario.WhenBuiltTheSame("base").ThenBuildsNothing().ThenDeploysNothing();
    }

    [Fact]
    public void Without_the_cache_every_step_is_run_and_what_came_out_differently_reaches_the_cluster()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(Trigger("base", noCache: true)).ThenBuilds("base");
        scenario.Asked.OfType<EngineEffect.StartBuild>().Single().NoCache.ShouldBeTrue();
        scenario.WhenBuilt("base", digest: "another").ThenBuilds("app");
        scenario.Asked.OfType<EngineEffect.StartBuild>().Single().NoCache.ShouldBeFalse("nobody asked for the child");
        scenario.WhenBuilt("app").ThenDeploys("web");
    }

    [Fact]
    public void A_build_with_cache_that_runs_gives_way_to_one_without()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().WhenSourceEdited("2\n", "lib").ThenBuilds("lib");
        scenario.When(Trigger("lib", noCache: false)).ThenAsksNothing();
        scenario.When(Trigger("lib", noCache: true)).ThenCancels("lib").ThenBuilds("lib");
        scenario.Asked.OfType<EngineEffect.StartBuild>().Single().NoCache.ShouldBeTrue();
    }

    [Fact]
    public void A_resource_that_is_asked_for_is_deployed_again_and_nothing_is_taken_away()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(TriggerWeb).ThenLooksAt("app").ThenBuildsNothing().ThenDeploys("web");
        scenario.Asked.OfType<EngineEffect.StartDeploy>().Single().Asked.ShouldBeTrue();
        scenario.Asked.OfType<EngineEffect.RemoveResource>().ShouldBeEmpty();
        scenario.WhenApplied("web").ThenDeploysNothing();
    }

    [Fact]
    public void What_failed_is_tried_again_when_it_is_asked_for()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().WhenSourceEdited("2\n", "app").WhenBuildFails("app");
        scenario.When(TriggerWeb).ThenBuilds("app");
        scenario.WhenBuilt("app").ThenDeploys("web").WhenRefused("web").ThenDeploysNothing();
        scenario.When(TriggerWeb).ThenDeploys("web");
    }

    [Fact]
    public void A_manual_resource_is_deployed_by_itself_once_and_later_changes_wait_for_the_user()
    {
        Scenario scenario = Scenario.Given(TwoResources(web: "trigger: manual")).Running();
        scenario.WhenSourceEdited("2\n", "base").ThenAsksNothing().AndHolds("base", new HoldReason.ForTrigger(new ResourceName("web")));
        scenario.News.OfType<News.Control.Held>().ShouldHaveSingleItem().Resources.ShouldHaveSingleItem().Why.Text.ShouldBe("waits for `devloop trigger web`");
        scenario.WhenSourceEdited("lib 2\n", "lib").ThenBuilds("lib").WhenBuilt("lib").ThenDeploys("job").WhenApplied("job").WhenReady("job");
        scenario.News.OfType<News.Control.Held>().ShouldBeEmpty("it was told already");
        scenario.When(TriggerWeb).ThenBuilds("base");
        scenario.WhenBuilt("base").ThenBuilds("app").WhenBuilt("app").ThenDeploys("web");
        scenario.News.OfType<News.Control.Held>().ShouldBeEmpty();
        scenario.WhenApplied("web").WhenReady("web");
        scenario.WhenSourceEdited("3\n", "app").ThenAsksNothing();
    }

    [Fact]
    public void An_edit_before_a_manual_resource_is_deployed_for_the_first_time_goes_with_it() =>
        Scenario.Given(TwoResources(web: "trigger: manual")).WhenStarted().ThenBuilds("base", "lib")
            .WhenBuilt("base").ThenBuilds("app")
            .WhenSourceEdited("2\n", "app").ThenCancels("app").ThenBuilds("app")
            .WhenBuilt("app").ThenDeploys("web");

    [Fact]
    public void A_base_of_a_manual_resource_that_another_resource_needs_is_built_as_it_changes()
    {
        Shop shop = Shop.With("base").Feeding("app", "worker").Running("web", ["app"], "trigger: manual").Running("work", ["worker"]);
        Scenario scenario = Scenario.Given(shop).Running();
        scenario.WhenSourceEdited("2\n", "base").ThenBuilds("base").WhenBuilt("base").ThenBuilds("worker");
        scenario.AndHolds("app", new HoldReason.ForTrigger(new ResourceName("web")));
        scenario.When(TriggerWeb).ThenBuilds("app");
    }

    [Fact]
    public void A_resource_that_does_not_start_by_itself_waits_and_its_images_are_not_built()
    {
        Scenario scenario = Scenario.Given(TwoResources(web: "auto_start: false")).WhenStarted().ThenBuilds("lib");
        scenario.AndHoldsDeploy("web", new HoldReason.ForTrigger(new ResourceName("web"))).AndHolds("base", new HoldReason.ForTrigger(new ResourceName("web")));
        Wishes.IsLeftOut(scenario.State, new ResourceName("web")).ShouldBeTrue();
        scenario.WhenBuilt("lib").WhenApplied("job").WhenReady("job");
        scenario.News.OfType<News.Quiet>().ShouldHaveSingleItem().Round.HeldResources.ShouldHaveSingleItem().Resource.Value.ShouldBe("web");
        scenario.When(TriggerWeb).ThenBuilds("base").WhenBuilt("base").WhenBuilt("app").ThenDeploys("web").WhenApplied("web");
        scenario.WhenSourceEdited("2\n", "app").ThenBuilds("app");
    }

    [Fact]
    public void Enabling_starts_it_too() =>
        Scenario.Given(TwoResources(web: "auto_start: false")).WhenStarted().When(new EngineEvent.Enabled(new ResourceName("web"))).ThenBuilds("base");

    [Fact]
    public void An_image_that_is_asked_for_by_name_is_built_with_its_bases_though_its_resource_waits() =>
        Scenario.Given(TwoResources(web: "auto_start: false")).WhenStarted()
            .When(Trigger("app", noCache: false)).ThenBuilds("base")
            .WhenBuilt("base").ThenBuilds("app").WhenBuilt("app").ThenDeploysNothing();

    [Fact]
    public void A_pipeline_takes_manual_as_automatic() =>
        Scenario.Given(TwoResources(web: "trigger: manual"), RunMode.Once).Running().ThenOutcomeIs(RunOutcome.Succeeded);

    [Fact]
    public void A_disabled_resource_is_removed_and_nothing_is_built_for_it_alone()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().WhenSourceEdited("2\n", "app", "lib").ThenBuilds("app", "lib");
        scenario.When(new EngineEvent.Disabled(new ResourceName("web"))).ThenCancels("app");
        EngineEffect.RemoveResource removal = scenario.Asked.OfType<EngineEffect.RemoveResource>().ShouldHaveSingleItem();
        removal.Resource.Name.Value.ShouldBe("web");
        scenario.When(new EngineEvent.ResourceRemoved(removal.Work, removal.Resource.Name, [])).ThenAsksNothing();
        scenario.News.OfType<News.Control.Disabled>().ShouldHaveSingleItem().Failures.ShouldBeEmpty();
        scenario.WhenSourceEdited("3\n", "app").ThenAsksNothing().AndHoldsDeploy("web", new HoldReason.Disabled(new ResourceName("web")));
        scenario.When(TriggerWeb).ThenDeploysNothing().ThenBuildsNothing();
        scenario.When(new EngineEvent.Enabled(new ResourceName("web"))).ThenBuilds("app").WhenBuilt("app").ThenDeploys("web");
    }

    [Fact]
    public void Enabled_while_its_objects_still_go_it_is_built_and_deployed_when_they_are_gone()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(new EngineEvent.Disabled(new ResourceName("web")));
        EngineEffect.RemoveResource removal = scenario.Asked.OfType<EngineEffect.RemoveResource>().Single();
        scenario.When(new EngineEvent.Enabled(new ResourceName("web"))).ThenDeploysNothing().AndHoldsDeploy("web", new HoldReason.BeingRemoved());
        scenario.When(new EngineEvent.ResourceRemoved(removal.Work, removal.Resource.Name, [])).ThenDeploys("web");
    }

    [Fact]
    public void A_deploy_that_runs_ends_before_its_objects_are_removed()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().WhenSourceEdited("2\n", "app").WhenBuilt("app").ThenDeploys("web");
        WorkId deploy = scenario.Asked.OfType<EngineEffect.StartDeploy>().Single().Work;
        scenario.When(new EngineEvent.Disabled(new ResourceName("web")));
        scenario.Asked.ShouldContain(new EngineEffect.Cancel(deploy));
        scenario.Asked.OfType<EngineEffect.RemoveResource>().Single().After.ShouldBe(deploy);
    }

    [Fact]
    public void What_could_not_be_deleted_is_told_and_tried_again_when_asked_for()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(new EngineEvent.Disabled(new ResourceName("web")));
        EngineEffect.RemoveResource removal = scenario.Asked.OfType<EngineEffect.RemoveResource>().Single();
        var why = Diagnostics.Diagnostic.Error(Diagnostics.DiagnosticCode.DeleteFailed, "it was not deleted");
        scenario.When(new EngineEvent.ResourceRemoved(removal.Work, removal.Resource.Name, [why]));
        scenario.State.Resources[removal.Resource.Name].Failure.ShouldBe([why]);
        scenario.When(new EngineEvent.Disabled(new ResourceName("web")));
        scenario.Asked.OfType<EngineEffect.RemoveResource>().ShouldHaveSingleItem();
    }

    [Fact]
    public void What_the_cluster_still_says_of_a_disabled_resource_changes_nothing()
    {
        Scenario scenario = Scenario.Given(TwoResources()).Running().When(new EngineEvent.Disabled(new ResourceName("web")));
        scenario.WhenObserved("web", new Health.Ready(1, 1));
        scenario.State.Resources[new ResourceName("web")].Health.ShouldBe(new Health.Pending("disabled"));
        ControlOf(scenario, "web").Disabled.ShouldBeTrue();
    }

    [Fact]
    public void A_name_that_the_run_does_not_have_is_passed_over() =>
        Scenario.Given(TwoResources()).Running()
            .When(new EngineEvent.TriggerRequested([new ImageName("gone")], [new ResourceName("gone")], NoCache: true)).ThenAsksNothing()
            .When(new EngineEvent.Disabled(new ResourceName("gone"))).ThenAsksNothing()
            .When(new EngineEvent.Enabled(new ResourceName("gone"))).ThenAsksNothing();

    [Fact]
    public void An_edit_of_the_config_that_lets_a_resource_start_by_itself_starts_it()
    {
        Shop shop = TwoResources(web: "auto_start: false");
        Scenario scenario = Scenario.Given(shop).Running();
        scenario.WhenEdited("devloop.yaml", shop.Config().Replace("auto_start: false", "auto_start: true", StringComparison.Ordinal)).ThenBuilds("base");
    }
}
