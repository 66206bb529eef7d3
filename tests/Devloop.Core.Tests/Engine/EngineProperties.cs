using System.Collections.Immutable;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Engine;

public class EngineProperties
{
    // base ─┬─ left ──┐
    //       ├─ right ─┴─ top ── leaf
    //       └─ side               alone
    private static readonly Shop Graph = Shop.With("base").Image("left", "base").Image("right", "base").Image("top", "left", "right").Image("leaf", "top").Image("side", "base").Image("alone");

    private static readonly string[] Images = ["base", "left", "right", "top", "leaf", "side", "alone"];

    /// <summary>Numbers that choose, one after another, among everything that may happen next.</summary>
    private static Arbitrary<int[]> Histories => Gen.Choose(0, 9_999).ArrayOf(60).ToArbitrary();

    [Fact]
    public void No_order_of_events_builds_a_child_before_its_base_or_without_a_reason_or_leaves_it_idle_without_a_hold() =>
        Prop.ForAll(Histories, history =>
        {
            Scenario scenario = Scenario.Given(Graph, parallel: 1 + (history[0] % 4)).HoldingLooks().WhenStarted();
            foreach (int choice in history)
            {
                Happen(scenario, choice);
                foreach (EngineEffect.StartBuild build in scenario.Asked.OfType<EngineEffect.StartBuild>())
                {
                    build.Reasons.ShouldNotBeEmpty();
                    foreach (ImageName needed in build.Image.Bases)
                    {
                        ImageState state = scenario.State.Images[needed];
                        state.Settled.ShouldBeTrue($"{build.Image.Name} is built while {needed} is not settled");
                        build.Fingerprint.Bases[needed].ShouldBe(state.Result!.Digest);
                    }
                }
                scenario.Building.Count().ShouldBeLessThanOrEqualTo(scenario.State.Options.MaxParallelBuilds);
                foreach ((ImageName name, ImageState image) in scenario.State.Images.Where(i => !i.Value.Settled && i.Value.Building is null && i.Value.Fingerprinting == WorkId.None))
                    Holds.Of(scenario.State, name).ShouldNotBeNull($"{name} waits for nothing");
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Whatever_happened_before_once_it_is_quiet_every_image_is_made_of_its_newest_inputs() =>
        Prop.ForAll(Histories, history =>
        {
            Scenario scenario = Scenario.Given(Graph, parallel: 2).HoldingLooks().WhenStarted();
            foreach (int choice in history)
                Happen(scenario, choice);
            Drain(scenario);
            string[] failed = [.. scenario.State.Images.Where(i => i.Value.Failure is not null).Select(i => i.Key.Value)];
            // What failed holds what stands on it; a save of it tries again.
            scenario.WhenSourceEdited("mended", failed);
            Drain(scenario);
            foreach (ImageDefinition image in scenario.State.Project.Images)
            {
                var bases = image.Bases.ToImmutableSortedDictionary(b => b, b => scenario.State.Images[b].Result!.Digest);
                var now = (EngineEvent.Fingerprinted)FakeWork.Fingerprint(scenario.Files, new EngineEffect.TakeFingerprint(WorkId.None, image, bases, Known: null, IgnoreKnown: true), _ => null);
                scenario.State.Images[image.Name].Result!.Key.ShouldBe(now.Fingerprint.Key, image.Name.Value);
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void The_order_inside_a_burst_changes_nothing() =>
        Prop.ForAll(Gen.Shuffle(Images.Select(i => $"{i}/src/main.txt").ToArray()).Zip(Gen.Choose(1, Images.Length)).ToArbitrary(), burst =>
        {
            (string[] shuffled, int some) = burst;
            string[] paths = [.. shuffled.Take(some)];
            string[] AskedBy(string[] order)
            {
                Scenario scenario = Scenario.Given(Graph).Running();
                foreach (string path in order)
                    scenario.Files.Write(path, "2");
                scenario.WhenTouched(order);
                var asked = scenario.Asked.Select(Describe).ToList();
                while (scenario.Building.Any())
                    asked.AddRange(scenario.WhenBuilt(scenario.Building.First()).Asked.Select(Describe));
                return [.. asked];
            }
            AskedBy(paths).ShouldBe(AskedBy([.. paths.Order(StringComparer.Ordinal)]));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(60));

    private static string Describe(EngineEffect effect) => effect switch
    {
        EngineEffect.StartBuild build => $"build {build.Image.Name} {build.Fingerprint.Key} {string.Join(';', build.Reasons.Select(r => r.Text))}",
        EngineEffect.TakeFingerprint look => $"look {look.Image.Name}",
        _ => effect.ToString()!,
    };

    private static void Happen(Scenario scenario, int choice)
    {
        var may = new List<Action>();
        foreach (string image in Images)
        {
            // Few contents, so that edits are taken back now and then.
            may.Add(() => scenario.WhenSourceEdited($"content {choice % 3}", image));
            may.Add(() => scenario.WhenTouched($"{image}/src/main.txt"));
        }
        may.Add(() => scenario.WhenSourceEdited($"burst {choice % 2}", "base", "right", "leaf"));
        may.Add(() => scenario.WhenEventsAreLost());
        // Work ends more often than edits come.
        for (int weight = 0; weight < 4; weight++)
        {
            if (scenario.Holding > 0)
                may.Add(() => scenario.WhenLookEnds(index: choice % scenario.Holding));
            foreach (string image in scenario.Building)
            {
                may.Add(() => scenario.WhenBuilt(image));
                may.Add(() => scenario.WhenBuilt(image, digest: $"{image} {choice % 2}"));
            }
        }
        if (scenario.State.AwaitingEngine != WorkId.None)
            may.Add(() => scenario.WhenEngineAnswers(givenUp: choice % 4 == 0));
        foreach (string image in scenario.Building)
        {
            may.Add(() => scenario.WhenBuildFails(image));
            may.Add(() => scenario.WhenBuildIsLost(image));
            may.Add(() => scenario.WhenEngineIsAway(image));
            may.Add(() => scenario.WhenBuildIsObsolete(image, $"{image}/src/main.txt"));
        }
        may[choice % may.Count]();
    }

    private static void Drain(Scenario scenario)
    {
        for (int steps = 0; scenario.Holding > 0 || scenario.Building.Any() || scenario.State.AwaitingEngine != WorkId.None; steps++)
        {
            steps.ShouldBeLessThan(1000, "the engine never comes to rest");
            if (scenario.State.AwaitingEngine != WorkId.None)
                scenario.WhenEngineAnswers();
            else if (scenario.Holding > 0)
                scenario.WhenLookEnds(index: 0);
            else
                scenario.WhenBuilt(scenario.Building.First());
        }
    }
}
