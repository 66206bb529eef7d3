using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Testing.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Engine;

/// <summary>A cluster with real pods but for the processes in them: what containers are given is kept, half of it when a transfer breaks.</summary>
public class LiveProperties
{
    private static readonly ResourceName Web = new("web");
    private static readonly ImageName Api = new("api"), Base = new("base");
    private static readonly Diagnostic Why = Diagnostic.Error(DiagnosticCode.ApplyRejected, "the transfer broke");

    private static Arbitrary<int[]> Histories => Gen.Choose(0, 9_999).ArrayOf(80).ToArbitrary();

    [Theory]
    [InlineData("background")]
    [InlineData("on_restart")]
    [InlineData("never")]
    [InlineData("auto")]
    public void Whatever_happened_once_it_is_quiet_every_container_shows_what_is_on_disk(string policy) =>
        Prop.ForAll(Histories, history =>
        {
            var pods = new Pods(policy);
            foreach (int choice in history)
                pods.Happen(choice);
            pods.Drain();
            pods.Check();
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    private sealed class Pods
    {
        private readonly Scenario _scenario;
        private readonly List<Container> _containers = [];
        private int _names;

        public Pods(string policy)
        {
            Shop shop = Shop.With("base").Image("api", "base").Running("web", ["api"]).File("base/Dockerfile", "FROM scratch\nCOPY src /base\n");
            // Inferred, edits of the base are built, and so is what goes away: nobody knows what the RUN made of either.
            shop = policy == "auto"
                ? shop.File("api/Dockerfile", "FROM base\nRUN make\nCOPY src /src\n").Asking("api", "live_update: auto")
                : shop.Asking("api", $"live_update: [{{sync: {{from: api/src, to: /src}}}}, {{sync: {{from: base/src, to: /base}}}}, {{fall_back_on: [api/src/lock.txt]}}, {{image: {policy}}}]");
            _scenario = Scenario.Given(shop).Running();
            Replace(2);
            _scenario.HoldingLooks();
        }

        private EngineState State => _scenario.State;

        public void Happen(int choice)
        {
            var may = new List<Action>();
            foreach (string file in new[] { "api/src/main.txt", "api/src/other.txt", "base/src/main.txt" })
            {
                // Few contents, so that edits are taken back now and then, also while they are on their way.
                for (int weight = 0; weight < 3; weight++)
                    may.Add(() => _scenario.WhenEdited(file, $"content {choice % 2}"));
            }
            if (choice % 8 == 0)
                may.Add(() => _scenario.WhenEdited("api/src/lock.txt", $"content {choice % 3}"));
            if (_scenario.Files.KindOf("api/src/other.txt") == PathKind.File)
                may.Add(() => _scenario.WhenDeleted("api/src/other.txt"));
            may.Add(() => _scenario.WhenEventsAreLost());
            may.Add(() => _scenario.After(0.5).WhenWoken("web", TimeSpan.FromSeconds(0.6)));
            may.Add(() => Restart(choice % _containers.Count));
            may.Add(() => ReplacePod(choice % _containers.Count));
            if (choice % 8 == 1)
                may.Add(() => _scenario.When(new EngineEvent.TriggerRequested([], [Web], NoCache: false)));
            foreach (Container updating in _containers.Where(c => Updating(c) is not null).ToArray())
            {
                may.Add(() => End(updating, new ContainerUpdateOutcome.Broken(Why), half: true));
                may.Add(() => End(updating, new ContainerUpdateOutcome.Obsolete("/project/api/src/main.txt"), half: true));
                may.Add(() => End(updating, new ContainerUpdateOutcome.Gone(), half: true, restarts: true));
            }
            for (int weight = 0; weight < 2; weight++)
                may.AddRange(Work(choice));
            if (_scenario.Holding > 0)
                may.AddRange(Enumerable.Repeat(() => { _scenario.WhenLookEnds(index: 0); }, 4));
            may[choice % may.Count]();
        }

        public void Drain()
        {
            for (int steps = 0, idle = 0; idle < 4; steps++)
            {
                steps.ShouldBeLessThan(1000, "the engine never comes to rest");
                if (Work(0).FirstOrDefault() is { } work)
                {
                    work();
                    idle = 0;
                    continue;
                }
                _scenario.WhenWoken("web", TimeSpan.FromSeconds(2));
                idle++;
            }
        }

        public void Check()
        {
            var wanted = new SortedDictionary<string, ContentHash>(StringComparer.Ordinal);
            foreach ((string directory, string to) in new[] { ("api/src", "/src/"), ("base/src", "/base/") })
            {
                foreach (string file in _scenario.Files.FilesBelow(directory))
                    wanted[to + file[(directory.Length + 1)..]] = ContentHash.Of(Encoding.UTF8.GetBytes(((FileContent.Text)_scenario.Files.Read(file)).Content));
            }
            foreach (Container container in _containers)
                container.Files.ShouldBe(wanted, $"container {container.Id}");
            State.Images.Values.ShouldAllBe(i => i.Failure == null);
        }

        /// <summary>Everything that goes on and can end well.</summary>
        private List<Action> Work(int choice)
        {
            var may = new List<Action>();
            if (_scenario.Holding > 0)
                may.Add(() => _scenario.WhenLookEnds(index: choice % _scenario.Holding));
            foreach (string image in _scenario.Building)
                may.Add(() => _scenario.WhenBuilt(image));
            foreach (Container updating in _containers.Where(c => Updating(c) is not null))
            {
                may.Add(() =>
                {
                    if (!ReferenceEquals(Updating(updating)!.Plan, LivePlan.Update.Nothing))
                    {
                        End(updating, new ContainerUpdateOutcome.Updated(), half: false);
                        return;
                    }
                    // Its pod is being deleted.
                    _scenario.WhenUpdated("web", updating.Id, new ContainerUpdateOutcome.Gone());
                    ReplacePod(_containers.IndexOf(updating));
                });
            }
            if (State.Resources[Web].Deploying != WorkId.None)
            {
                may.Add(() =>
                {
                    _scenario.WhenApplied("web");
                    Replace(2);
                });
            }
            return may;
        }

        private RunningUpdate? Updating(Container container) => State.Resources[Web].Containers.GetValueOrDefault(container.Id)?.Updating;

        private void End(Container container, ContainerUpdateOutcome outcome, bool half, bool restarts = false)
        {
            ImmutableArray<OverlayEntry> entries = Updating(container)!.Plan.Entries;
            foreach (OverlayEntry entry in half ? entries.Take((entries.Length + 1) / 2) : entries)
                container.Write(entry);
            _scenario.WhenUpdated("web", container.Id, outcome);
            if (restarts)
                Restart(_containers.IndexOf(container));
        }

        private void Restart(int index)
        {
            _containers[index] = New(_containers[index].Pod, _containers[index].Tag);
            Tell();
        }

        private void ReplacePod(int index)
        {
            ContentTag tag = ContentTag.Of(State.Resources[Web].Images[Api]);
            _containers.RemoveAt(index);
            Tell();
            _containers.Add(New(Name("pod"), tag));
            Tell();
        }

        /// <summary>Pods of what is deployed, ready.</summary>
        private void Replace(int count)
        {
            _containers.Clear();
            for (int i = 0; i < count; i++)
                _containers.Add(New(Name("pod"), ContentTag.Of(State.Resources[Web].Images[Api])));
            Tell();
            _scenario.WhenReady("web");
        }

        private void Tell() => _scenario.WhenContainersOf("web", [.. _containers.Select(c =>
            new LiveContainer(new ContainerPlace("default", c.Pod, "c0", c.Id), c.Pod, Api, c.Tag) { Supervised = true })]);

        private Container New(string pod, ContentTag tag)
        {
            Fingerprint api = State.Origins[(Api, tag)], below = State.Origins[(Base, ContentTag.Of(api.Bases[Base]))];
            var container = new Container(pod, Name("c"), tag);
            foreach ((Fingerprint from, string to) in new[] { (api, "/src/"), (below, "/base/") })
            {
                foreach (ContextEntry file in from.Context.Files.Where(f => f.Path.StartsWith("src/", StringComparison.Ordinal)))
                    container.Files[to + file.Path["src/".Length..]] = file.Hash!.Value;
            }
            return container;
        }

        private string Name(string prefix) => prefix + (++_names).ToString(CultureInfo.InvariantCulture);
    }

    private sealed record Container(string Pod, string Id, ContentTag Tag)
    {
        public SortedDictionary<string, ContentHash> Files { get; } = new(StringComparer.Ordinal);

        public void Write(OverlayEntry entry)
        {
            if (entry is OverlayEntry.File file)
                Files[file.Path] = file.Hash;
            else if (entry is OverlayEntry.Gone)
                Files.Keys.Where(k => k == entry.Path || k.StartsWith(entry.Path + "/", StringComparison.Ordinal)).ToList().ForEach(k => Files.Remove(k));
        }
    }
}
