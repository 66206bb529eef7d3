using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>What the cluster holds of a resource at one moment.</summary>
public sealed record ResourceView(ResourceName Resource, ImmutableArray<JsonObject> Workloads, ImmutableArray<JsonObject> ReplicaSets, ImmutableArray<JsonObject> Pods);

/// <summary>
/// Follows the workloads and pods of every resource through watches, and says how each does. Nothing is polled.
/// One task owns the picture: what the watches say, and what was applied, comes to it through one channel.
/// </summary>
public sealed class ResourceMonitor : IAsyncDisposable
{
    private static readonly ObjectKind PodKind = new("v1", "Pod");
    private static readonly ObjectKind ReplicaSetKind = new("apps/v1", "ReplicaSet");
    private static readonly ObjectKind EventKind = new("v1", "Event");

    private readonly ICluster _cluster;
    private readonly string _defaultNamespace;
    private readonly Action<ResourceName, Health> _health;
    private readonly Action<ResourceView> _seen;
    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _watches = [];
    private readonly HashSet<(ObjectKind Kind, string Namespace)> _watched = [];
    private readonly ClusterPicture _picture = new();
    private readonly Dictionary<ResourceName, Tracked> _tracked = [];
    private readonly Task _running;

    /// <param name="health">Called for every change of a resource's health.</param>
    /// <param name="seen">Called whenever something of a resource changed.</param>
    public ResourceMonitor(ICluster cluster, string defaultNamespace, Action<ResourceName, Health> health, Action<ResourceView> seen)
    {
        (_cluster, _defaultNamespace, _health, _seen) = (cluster, defaultNamespace, health, seen);
        _running = RunAsync();
    }

    /// <summary>Watches what these resources need; watches that stand already go on.</summary>
    public void Track(IEnumerable<ResourceDefinition> resources) => _inbox.Writer.TryWrite(new Message.Track([.. resources]));

    /// <summary>From now on only what the cluster made of these objects counts: an older state of them says nothing.</summary>
    public void Expect(ResourceName resource, ImmutableArray<JsonObject> applied) => _inbox.Writer.TryWrite(new Message.Applied(resource, applied));

    /// <summary>Says the health of a resource again, once everything told before has been taken in.</summary>
    public void Refresh(ResourceName resource) => _inbox.Writer.TryWrite(new Message.Refresh(resource));

    private async Task RunAsync()
    {
        while (await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // Everything that is there is taken in before anything is judged: a list of 500 pods is one judgement.
            var touched = new HashSet<ResourceName>();
            var repeat = new HashSet<ResourceName>();
            while (_inbox.Reader.TryRead(out Message? message))
                TakeIn(message, touched, repeat);
            foreach (ResourceName name in touched)
                Judge(name, repeat.Contains(name));
        }
    }

    private void TakeIn(Message message, HashSet<ResourceName> touched, HashSet<ResourceName> repeat)
    {
        switch (message)
        {
            case Message.Track track:
                foreach (ResourceDefinition resource in track.Resources)
                    Follow(resource);
                foreach (ResourceName gone in _tracked.Keys.Except(track.Resources.Select(r => r.Name)).ToArray())
                    _tracked.Remove(gone);
                break;
            case Message.Applied applied when _tracked.TryGetValue(applied.Resource, out Tracked? tracked):
                tracked.Expected = [.. applied.Objects.Where(o => Workloads.Include(o.ObjectKind())).Select(Expectation.Of)];
                foreach (JsonObject item in applied.Objects)
                    _picture.PutIfNewer(item);
                touched.Add(applied.Resource);
                break;
            case Message.Refresh refresh:
                touched.Add(refresh.Resource);
                repeat.Add(refresh.Resource);
                break;
            case Message.Notice { What: WatchNotice.Present present } notice:
                _picture.Put(notice.Kind, present.Object);
                Touch(notice.Namespace, touched);
                break;
            case Message.Notice { What: WatchNotice.Gone gone } notice:
                _picture.Remove(notice.Kind, gone.Object);
                Touch(notice.Namespace, touched);
                break;
        }
    }

    private void Touch(string @namespace, HashSet<ResourceName> touched) =>
        touched.UnionWith(_tracked.Where(t => t.Value.Namespaces.Contains(@namespace)).Select(t => t.Key));

    private void Follow(ResourceDefinition resource)
    {
        var workloads = resource.Objects.Where(o => Workloads.Include(o.Reference.Kind)).ToArray();
        HashSet<string> namespaces = [.. workloads.Select(o => o.Namespace ?? _defaultNamespace)];
        if (_tracked.TryGetValue(resource.Name, out Tracked? known))
            known.Namespaces = namespaces;
        else
            _tracked[resource.Name] = new Tracked { Namespaces = namespaces };
        foreach (var workload in workloads)
        {
            string @namespace = workload.Namespace ?? _defaultNamespace;
            Watch(workload.Reference.Kind, @namespace);
            Watch(PodKind, @namespace);
            Watch(EventKind, @namespace);
            if (workload.Kind == "Deployment")
                Watch(ReplicaSetKind, @namespace);
        }
    }

    private void Watch(ObjectKind kind, string @namespace)
    {
        if (_watched.Add((kind, @namespace)))
            _watches.Add(WatchAsync(kind, @namespace));
    }

    private async Task WatchAsync(ObjectKind kind, string @namespace)
    {
        try
        {
            await foreach (WatchNotice notice in _cluster.WatchAsync(kind, @namespace, null, _stop.Token).ConfigureAwait(false))
                _inbox.Writer.TryWrite(new Message.Notice(kind, @namespace, notice));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (ClusterException)
        {
            // Not allowed to watch this kind, or it does not exist: what it would say is left out of the picture.
        }
    }

    private void Judge(ResourceName name, bool repeat)
    {
        if (!_tracked.TryGetValue(name, out Tracked? tracked) || tracked.Expected is not { } expected)
            return;
        ImmutableArray<JsonObject> replicaSets = _picture.All(ReplicaSetKind), pods = _picture.All(PodKind);
        ImmutableArray<JsonObject> workloads = [.. expected.Select(e => e.Find(_picture)).OfType<JsonObject>()];
        Health health = workloads.Length < expected.Length
            ? new Health.Pending("waits for the cluster to take it in")
            : HealthSum.Of([.. workloads.Select(w => WorkloadHealth.Of(w, replicaSets, pods, _picture.All(EventKind)))]);
        if (repeat || tracked.Last is null || !tracked.Last.SameAs(health))
        {
            tracked.Last = health;
            _health(name, health);
        }
        _seen(new ResourceView(name, workloads, replicaSets, pods));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _inbox.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        await Task.WhenAll(_watches).ConfigureAwait(false);
        _stop.Dispose();
    }

    private sealed class Tracked
    {
        public HashSet<string> Namespaces { get; set; } = [];

        /// <summary>Null until it was deployed.</summary>
        public ImmutableArray<Expectation>? Expected { get; set; }

        public Health? Last { get; set; }
    }

    private abstract record Message
    {
        public sealed record Track(ImmutableArray<ResourceDefinition> Resources) : Message;

        public sealed record Applied(ResourceName Resource, ImmutableArray<JsonObject> Objects) : Message;

        public sealed record Refresh(ResourceName Resource) : Message;

        public sealed record Notice(ObjectKind Kind, string Namespace, WatchNotice What) : Message;
    }
}
