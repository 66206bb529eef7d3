using System.Collections.Immutable;
using System.Text;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Engine;

public class LocalProperties
{
    // proto → gen ─┬──────────→ lib
    //              └─→ bind ──→ api (on lib)
    private static readonly Shop Graph = Shop.With("lib").Image("api", "lib").File("proto/p", "0")
        .Local("gen", "command: gen, deps: [proto], produces: [lib/src/gen]")
        .Local("bind", "command: bind, deps: [lib/src/gen], produces: [api/src/bind]");

    private static readonly (string Local, string Reads, string Writes)[] Commands = [("gen", "proto/p", "lib/src/gen/out"), ("bind", "lib/src/gen/out", "api/src/bind/out")];

    private static Arbitrary<int[]> Histories => Gen.Choose(0, 9_999).ArrayOf(60).ToArbitrary();

    [Fact]
    public void No_order_of_events_builds_an_image_of_what_is_still_to_be_written_or_leaves_it_idle_without_a_hold() =>
        Prop.ForAll(Histories, history =>
        {
            var world = new World();
            foreach (int choice in history)
            {
                world.Happen(choice);
                foreach (EngineEffect.StartBuild build in world.Scenario.Asked.OfType<EngineEffect.StartBuild>())
                {
                    foreach (ResourceName local in world.Scenario.State.Project.Producers.Of(build.Image.Name))
                    {
                        ResourceState state = world.Scenario.State.Resources[local];
                        state.Deploying.ShouldBe(WorkId.None, $"{build.Image.Name} is built while {local} runs");
                        state.Local!.Dirty.ShouldBeFalse($"{build.Image.Name} is built before {local} was looked at");
                        state.Local.Key.ShouldBe(state.Deployed, $"{build.Image.Name} is built before {local} runs");
                        state.Failure.ShouldBeEmpty($"{build.Image.Name} is built though {local} failed");
                    }
                }
                foreach ((ImageName name, ImageState image) in world.Scenario.State.Images.Where(i => !i.Value.Settled && i.Value.Building is null && i.Value.Fingerprinting == WorkId.None))
                    Holds.Of(world.Scenario.State, name).ShouldNotBeNull($"{name} waits for nothing");
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Whatever_happened_before_once_it_is_quiet_every_output_and_every_image_is_made_of_what_is_there() =>
        Prop.ForAll(Histories, history =>
        {
            var world = new World();
            foreach (int choice in history)
                world.Happen(choice);
            world.Drain();
            // What failed is tried again when what it reads is another.
            world.Scenario.WhenEdited("proto/p", "mended");
            world.Note();
            world.Scenario.WhenSourceEdited("mended", "lib", "api");
            world.Note();
            world.Drain();
            foreach ((_, string reads, string writes) in Commands)
                world.Text(writes).ShouldBe($"made of ({world.Text(reads)})");
            foreach (ImageDefinition image in world.Scenario.State.Project.Images)
            {
                var bases = image.Bases.ToImmutableSortedDictionary(b => b, b => world.Scenario.State.Images[b].Result!.Digest);
                var now = (EngineEvent.Fingerprinted)FakeWork.Fingerprint(world.Scenario.Files, new EngineEffect.TakeFingerprint(WorkId.None, image, bases, Known: null, IgnoreKnown: true), _ => null);
                world.Scenario.State.Images[image.Name].Result!.Key.ShouldBe(now.Fingerprint.Key, image.Name.Value);
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    private sealed class World
    {
        /// <summary>What each command that runs read when it began.</summary>
        private readonly Dictionary<string, string> _seen = [];

        public World()
        {
            Scenario = Scenario.Given(Graph, parallel: 2).HoldingLooks().WhenStarted();
            Note();
        }

        public Scenario Scenario { get; }

        public string Text(string path) => Scenario.Files.ContentAt($"{Scenario.Files.Root}/{path}") is { } bytes ? Encoding.UTF8.GetString(bytes) : "";

        public void Note()
        {
            foreach (EngineEffect.StartLocal run in Scenario.Asked.OfType<EngineEffect.StartLocal>())
                _seen[run.Resource.Name.Value] = Text(Commands.Single(c => c.Local == run.Resource.Name.Value).Reads);
        }

        public void Happen(int choice)
        {
            var may = new List<Action>
            {
                () => Scenario.WhenEdited("proto/p", $"content {choice % 3}"),
                () => Scenario.WhenTouched("proto/p"),
                () => Scenario.WhenSourceEdited($"content {choice % 3}", choice % 2 == 0 ? "lib" : "api"),
                () => Scenario.WhenTouched("lib/src/gen/out", "api/src/bind/out"),
                () => Scenario.WhenEventsAreLost(),
            };
            for (int weight = 0; weight < 3; weight++)
            {
                if (Scenario.Holding > 0)
                    may.Add(() => Scenario.WhenLookEnds(index: choice % Scenario.Holding));
                foreach (string image in Scenario.Building)
                    may.Add(() => Scenario.WhenBuilt(image));
                foreach (string local in Running)
                    may.Add(() => End(local, ofStart: choice % 2 == 0));
            }
            foreach (string local in Running)
            {
                may.Add(() => Scenario.WhenRunFails(local));
                // Half of an output is seen while its command runs.
                may.Add(() => Scenario.WhenEdited(Commands.Single(c => c.Local == local).Writes, "half"));
            }
            foreach (string image in Scenario.Building)
                may.Add(() => Scenario.WhenBuildFails(image));
            may[choice % may.Count]();
            Note();
        }

        public void Drain()
        {
            for (int steps = 0; Scenario.Holding > 0 || Scenario.Building.Any() || Running.Length > 0; steps++)
            {
                steps.ShouldBeLessThan(1000, "the engine never comes to rest");
                if (Scenario.Holding > 0)
                    Scenario.WhenLookEnds(index: 0);
                else if (Running.Length > 0)
                    End(Running[0], ofStart: true);
                else
                    Scenario.WhenBuilt(Scenario.Building.First());
                Note();
            }
        }

        private string[] Running => [.. Scenario.State.Resources.Where(r => r.Value.Deploying != WorkId.None).Select(r => r.Key.Value)];

        /// <summary>A command ends well, with an output of what it read at its start, or of what is there now; nobody tells of the file.</summary>
        private void End(string local, bool ofStart)
        {
            (_, string reads, string writes) = Commands.Single(c => c.Local == local);
            Scenario.Files.Write(writes, $"made of ({(ofStart ? _seen[local] : Text(reads))})");
            Scenario.WhenRan(local);
        }
    }
}
