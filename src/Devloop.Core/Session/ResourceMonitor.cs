using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>What the cluster holds of a resource at one moment.</summary>
/// <param name="Workloads">Its objects that say how they do, as far as the cluster has taken them in.</param>
/// <param name="Owners">ReplicaSets, Jobs and others between these and their pods.</param>
/// <param name="Pods">Its pods, of every revision, also those that are being deleted.</param>
public sealed record ResourceView(ResourceName Resource, ImmutableArray<JsonObject> Workloads, ImmutableArray<JsonObject> Owners, ImmutableArray<JsonObject> Pods);

/// <summary>
/// Follows the objects and pods of every resource through watches, and says how each does. Nothing is polled.
/// One task owns the picture: what the watches say, and what was applied, comes to it through one channel. What happens to a pod is looked
/// at for the resource that it belongs to alone.
/// </summary>
public sealed class ResourceMonitor : IAsyncDisposable
{
    private readonly MonitorHears _hears;
    private readonly Channel<MonitorMessage> _inbox = Channel.CreateUnbounded<MonitorMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly MonitorWatches _watches;
    private readonly ClusterPicture _picture = new();
    private readonly ClusterWarnings _warnings;
    private readonly Dictionary<ResourceName, Tracked> _tracked = [];
    private readonly Dictionary<string, ResourceName> _roots = [];
    private readonly Task _running;

    public ResourceMonitor(ICluster cluster, string defaultNamespace, MonitorHears hears)
    {
        _hears = hears;
        _watches = new MonitorWatches(cluster, defaultNamespace, m => _inbox.Writer.TryWrite(m), _stop.Token);
        _warnings = new ClusterWarnings(_picture, _roots, hears.Warned);
        _running = RunAsync();
    }

    /// <summary>Watches what these resources need; watches that stand already go on.</summary>
    public void Track(IEnumerable<ResourceDefinition> resources) => _inbox.Writer.TryWrite(new MonitorMessage.Track([.. resources]));

    /// <summary>From now on only what the cluster made of these objects counts: an older state of them says nothing.</summary>
    public void Expect(ResourceName resource, ImmutableArray<JsonObject> applied) => _inbox.Writer.TryWrite(new MonitorMessage.Applied(resource, applied));

    /// <summary>Says the health of a resource again, once everything told before has been taken in.</summary>
    public void Refresh(ResourceName resource) => _inbox.Writer.TryWrite(new MonitorMessage.Look(resource, Repeat: true));

    /// <summary>Looks again, since more may be known of what its containers wrote.</summary>
    public void Look(ResourceName resource) => _inbox.Writer.TryWrite(new MonitorMessage.Look(resource, Repeat: false));

    private async Task RunAsync()
    {
        while (await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // Everything that is there is taken in before anything is judged: a list of 500 pods is one judgement.
            var touched = new HashSet<ResourceName>();
            var repeat = new HashSet<ResourceName>();
            while (_inbox.Reader.TryRead(out MonitorMessage? message))
                TakeIn(message, touched, repeat);
            foreach (ResourceName name in touched)
                Judge(name, repeat.Contains(name));
            _warnings.Tell();
        }
    }

    private void TakeIn(MonitorMessage message, HashSet<ResourceName> touched, HashSet<ResourceName> repeat)
    {
        switch (message)
        {
            case MonitorMessage.Track track:
                Follow(track.Resources);
                break;
            case MonitorMessage.Applied applied when _tracked.TryGetValue(applied.Resource, out Tracked? tracked):
                JsonObject[] observed = [.. applied.Objects.Where(o => ObservedKinds.Include(o.ObjectKind(), tracked.Definition.Kinds))];
                tracked.Expected = [.. observed.Select(Expectation.Of)];
                foreach (JsonObject item in observed)
                    _picture.PutIfNewer(item);
                // A kind that the cluster did not know before may be one now.
                _watches.Follow(tracked.Definition);
                RootsAnew();
                touched.Add(applied.Resource);
                break;
            case MonitorMessage.Look look:
                touched.Add(look.Resource);
                if (look.Repeat)
                    repeat.Add(look.Resource);
                break;
            case MonitorMessage.Notice { What: WatchNotice.Present present } notice when notice.Kind == ObservedKinds.Event:
                if (_picture.PutEvent(present.Object))
                    Touch(EventsAbout.UidOf(present.Object), touched);
                _warnings.See(present.Object, notice.New);
                break;
            case MonitorMessage.Notice { What: WatchNotice.Present present } notice:
                _picture.Put(notice.Kind, present.Object);
                Touch(present.Object.Uid(), touched);
                _watches.SeekOwner(_picture, present.Object, notice.Namespace);
                break;
            case MonitorMessage.Notice { What: WatchNotice.Gone gone } notice:
                Touch(gone.Object.Uid(), touched);
                _hears.Gone(new ObjectReference(notice.Kind, gone.Object.Text("metadata", "namespace"), gone.Object.Name()));
                _picture.Remove(notice.Kind, gone.Object);
                break;
        }
    }

    /// <summary>The resource that an object belongs to is to be looked at.</summary>
    private void Touch(string uid, HashSet<ResourceName> touched)
    {
        foreach (string above in _picture.Upwards(uid))
        {
            if (_roots.TryGetValue(above, out ResourceName resource))
                touched.Add(resource);
        }
    }

    private void Follow(ImmutableArray<ResourceDefinition> resources)
    {
        foreach (ResourceName gone in _tracked.Keys.Except(resources.Select(r => r.Name)).ToArray())
            _tracked.Remove(gone);
        foreach (ResourceDefinition resource in resources)
        {
            if (_tracked.TryGetValue(resource.Name, out Tracked? known))
                known.Definition = resource;
            else
                _tracked[resource.Name] = new Tracked { Definition = resource };
            _watches.Follow(resource);
        }
        RootsAnew();
    }

    private void RootsAnew()
    {
        _roots.Clear();
        foreach ((ResourceName name, Tracked tracked) in _tracked)
        {
            foreach (Expectation expected in tracked.Expected ?? [])
                _roots.TryAdd(expected.Uid, name);
        }
    }

    private void Judge(ResourceName name, bool repeat)
    {
        if (!_tracked.TryGetValue(name, out Tracked? tracked) || tracked.Expected is not { } expected)
            return;
        ImmutableArray<JsonObject> below = [.. expected.SelectMany(e => _picture.ControlledBy(e.Uid).Append(_picture.Find(e.Uid))).OfType<JsonObject>().Distinct()];
        ImmutableArray<JsonObject> pods = [.. below.Where(o => o.ObjectKind() == ObservedKinds.Pod)];
        ImmutableArray<JsonObject> owners = [.. below.Where(o => o.ObjectKind() != ObservedKinds.Pod)];
        ImmutableArray<JsonObject> workloads = [.. expected.Select(e => e.Find(_picture)).OfType<JsonObject>()];
        Health health = workloads.Length < expected.Length
            ? new Health.Pending("waits for the cluster to take it in")
            : HealthSum.Of([.. workloads.Select(w => WorkloadHealth.Of(w, owners, pods, _picture.Events, Rule(tracked, w.ObjectKind())))]);
        if (health is Health.Failed failed)
            health = failed with { Evidence = [.. failed.Evidence.Select(p => p.Container is { } c ? p with { LastOutput = _hears.TailOf(p.Pod, c) } : p)] };
        // First what was seen, so that whoever hears of the health can ask for it.
        _hears.Seen(new ResourceView(name, workloads, owners, pods));
        if (!repeat && tracked.Last is not null && tracked.Last.SameAs(health) && SameEvidence(tracked.Last, health))
            return;
        tracked.Last = health;
        _hears.Health(name, health);
    }

    private static ReadyRule? Rule(Tracked tracked, ObjectKind kind) => KindRule.ReadyOf(tracked.Definition.Kinds, kind.ApiVersion, kind.Kind);

    private static bool SameEvidence(Health one, Health other) =>
        (one as Health.Failed)?.Evidence.AsEnumerable().SequenceEqual((other as Health.Failed)?.Evidence ?? []) != false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _inbox.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        await _watches.EndAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private sealed class Tracked
    {
        public required ResourceDefinition Definition { get; set; }

        /// <summary>Null until it was deployed.</summary>
        public ImmutableArray<Expectation>? Expected { get; set; }

        public Health? Last { get; set; }
    }
}

/// <summary>Who hears what the monitor sees.</summary>
public sealed record MonitorHears
{
    /// <summary>For every change of a resource's health.</summary>
    public required Action<ResourceName, Health> Health { get; init; }

    /// <summary>Whenever something of a resource changed.</summary>
    public required Action<ResourceView> Seen { get; init; }

    /// <summary>For every warning of the cluster about something of a resource.</summary>
    public required Action<ResourceName, ClusterWarning> Warned { get; init; }

    /// <summary>For every object of a watched kind that was deleted, by whomever.</summary>
    public required Action<ObjectReference> Gone { get; init; }

    /// <summary>Gives the last lines of a container, by pod and container.</summary>
    public required Func<string, string, string> TailOf { get; init; }
}

/// <summary>What the monitor's one task is told.</summary>
internal abstract record MonitorMessage
{
    private MonitorMessage() { }

    public sealed record Track(ImmutableArray<ResourceDefinition> Resources) : MonitorMessage;

    public sealed record Applied(ResourceName Resource, ImmutableArray<JsonObject> Objects) : MonitorMessage;

    public sealed record Look(ResourceName Resource, bool Repeat) : MonitorMessage;

    /// <param name="New">It happened after the watch stood, and was not there when the run began.</param>
    public sealed record Notice(ObjectKind Kind, string? Namespace, WatchNotice What, bool New) : MonitorMessage;
}
