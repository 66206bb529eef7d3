using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;
using Devloop.Testing.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Engine;

/// <summary>Whatever a user does with a run from outside, and in whatever order: nothing is lost, and what waits stays where it is.</summary>
public sealed class ControlProperties
{
    // base ─┬─ left ── web
    //       └─ right ── work (manual)      alone ── batch (does not start by itself)
    private static readonly Shop Graph = Shop.With("base").Feeding("left", "right").Image("alone")
        .Running("web", ["left"]).Running("work", ["right"], "trigger: manual").Running("batch", ["alone"], "auto_start: false");

    private static readonly string[] Images = ["base", "left", "right", "alone"];
    private static readonly string[] Resources = ["web", "work", "batch"];

    private static Arbitrary<int[]> Histories => Gen.Choose(0, 9_999).ArrayOf(60).ToArbitrary();

    [Fact]
    public void While_paused_nothing_new_begins_and_what_is_disabled_is_never_deployed() =>
        Prop.ForAll(Histories, history =>
        {
            Scenario scenario = Scenario.Given(Graph, parallel: 2).WhenStarted();
            foreach (int choice in history)
            {
                Happen(scenario, choice);
                if (scenario.State.Paused)
                    scenario.Asked.ShouldNotContain(e => e is EngineEffect.StartBuild || e is EngineEffect.StartDeploy || e is EngineEffect.TakeFingerprint);
                foreach (EngineEffect.StartDeploy deploy in scenario.Asked.OfType<EngineEffect.StartDeploy>())
                {
                    ResourceControl control = scenario.State.Resources[deploy.Resource.Name].Control;
                    (control.Disabled, control.Removing).ShouldBe((false, WorkId.None));
                }
                foreach ((ImageName name, ImageState image) in scenario.State.Images.Where(i => !i.Value.Settled && i.Value.Building is null && i.Value.Fingerprinting == WorkId.None))
                    Holds.Of(scenario.State, name).ShouldNotBeNull($"{name} waits for nothing");
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Once_the_user_lets_everything_go_the_newest_of_everything_is_deployed() =>
        Prop.ForAll(Histories, history =>
        {
            Scenario scenario = Scenario.Given(Graph, parallel: 2).WhenStarted();
            foreach (int choice in history)
                Happen(scenario, choice);
            scenario.When(new EngineEvent.Resumed());
            foreach (string name in Resources)
                scenario.When(new EngineEvent.Enabled(new ResourceName(name)));
            Drain(scenario);
            scenario.When(new EngineEvent.TriggerRequested([], [.. Resources.Select(r => new ResourceName(r))], NoCache: false));
            Drain(scenario);
            foreach (ResourceDefinition definition in scenario.State.Project.Resources)
            {
                ResourceState resource = scenario.State.Resources[definition.Name];
                resource.Deployed.ShouldBe(definition.KeyWith(definition.Images.Select(i => KeyValuePair.Create(i, scenario.State.Images[i].Result!.Digest))), definition.Name.Value);
                Wishes.AwaitsTrigger(scenario.State, definition).ShouldBeFalse();
            }
            scenario.State.Images.Values.ShouldAllBe(i => i.Settled && i.Failure == null);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    private static void Happen(Scenario scenario, int choice)
    {
        string image = Images[choice / 16 % Images.Length];
        var resource = new ResourceName(Resources[choice / 16 % Resources.Length]);
        switch (choice % 16)
        {
            case 0: scenario.When(new EngineEvent.Paused()); break;
            case 1 or 2: scenario.When(new EngineEvent.Resumed()); break;
            case 3: scenario.When(new EngineEvent.Disabled(resource)); break;
            case 4: scenario.When(new EngineEvent.Enabled(resource)); break;
            case 5: scenario.When(new EngineEvent.TriggerRequested([], [resource], NoCache: choice % 2 == 0)); break;
            case 6: scenario.When(new EngineEvent.TriggerRequested([new ImageName(image)], [], NoCache: choice % 2 == 0)); break;
            case 7 or 8 or 9: scenario.WhenSourceEdited($"{image} {choice}\n", image); break;
            default: FinishOne(scenario, choice); break;
        }
    }

    private static void Drain(Scenario scenario)
    {
        for (int i = 0; i < 200 && FinishOne(scenario, i); i++)
        {
        }
    }

    /// <summary>Ends one piece of work that goes on; false when none does.</summary>
    private static bool FinishOne(Scenario scenario, int choice)
    {
        Action[] all =
        [
            .. scenario.Building.Select(i => (Action)(() => scenario.WhenBuilt(i))),
            .. scenario.State.Resources.Where(r => r.Value.Deploying != WorkId.None).Select(r => (Action)(() => scenario.WhenApplied(r.Key.Value).WhenObserved(r.Key.Value, new Health.Ready(1, 1)))),
            .. scenario.State.Resources.Where(r => r.Value.Control.Removing != WorkId.None).Select(r => (Action)(() => scenario.When(new EngineEvent.ResourceRemoved(r.Value.Control.Removing, r.Key, [])))),
        ];
        if (all.Length == 0)
            return false;
        all[choice % all.Length]();
        return true;
    }
}
