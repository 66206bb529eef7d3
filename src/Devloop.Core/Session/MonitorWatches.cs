using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>The watches of a <see cref="ResourceMonitor"/>: one for each kind and namespace that a resource needs.</summary>
internal sealed class MonitorWatches(ICluster cluster, string defaultNamespace, Action<MonitorMessage> tell, CancellationToken stop)
{
    private readonly ConcurrentDictionary<(ObjectKind Kind, string? Namespace), bool> _watched = [];
    private readonly List<Task> _running = [];
    private readonly HashSet<string> _sought = [];
    private readonly HashSet<string> _customNamespaces = [];

    /// <summary>Watches what a resource needs; a watch that the cluster refused before is tried again.</summary>
    public void Follow(ResourceDefinition resource)
    {
        foreach (KubernetesObject item in resource.Objects.Where(o => ObservedKinds.Include(o.Reference.Kind, resource.Kinds)))
        {
            ObjectKind kind = item.Reference.Kind;
            string? @namespace = kind.Kind == "CustomResourceDefinition" ? null : item.Namespace ?? defaultNamespace;
            bool runsPods = kind.IsCustom && !resource.Targets.IsEmpty;
            if (runsPods)
                _customNamespaces.Add(@namespace!);
            foreach (ObjectKind needed in ObservedKinds.WatchedFor(kind, runsPods))
                Watch(needed, @namespace);
        }
    }

    /// <summary>
    /// Between a custom object and its pods may stand kinds that nobody watches: whoever controls a pod and is not known is asked for once.
    /// </summary>
    public void SeekOwner(ClusterPicture picture, JsonObject item, string? @namespace)
    {
        if (@namespace is null || !_customNamespaces.Contains(@namespace) || PodOwnership.ControllerOf(item) is not { } owner
            || picture.Find(owner.Uid) is not null || !_sought.Add(owner.Uid))
        {
            return;
        }
        Add(SeekAsync(new ObjectReference(new ObjectKind(owner.ApiVersion, owner.Kind), @namespace, owner.Name)));
    }

    /// <summary>Waits for all; they end when the token is cancelled.</summary>
    public Task EndAsync() => Task.WhenAll(_running);

    private void Watch(ObjectKind kind, string? @namespace)
    {
        if (_watched.TryAdd((kind, @namespace), true))
            Add(WatchAsync(kind, @namespace));
    }

    private void Add(Task task)
    {
        _running.RemoveAll(t => t.IsCompleted);
        _running.Add(task);
    }

    private async Task WatchAsync(ObjectKind kind, string? @namespace)
    {
        try
        {
            bool stands = false;
            await foreach (WatchNotice notice in cluster.WatchAsync(kind, @namespace, null, stop).ConfigureAwait(false))
            {
                stands |= notice is WatchNotice.Synced;
                tell(new MonitorMessage.Notice(kind, @namespace, notice, stands));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (ClusterException)
        {
            // Not allowed to watch this kind, or it does not exist yet: what it would say is left out of the picture.
            _watched.TryRemove((kind, @namespace), out _);
        }
    }

    private async Task SeekAsync(ObjectReference owner)
    {
        try
        {
            if (await cluster.GetAsync(owner, stop).ConfigureAwait(false) is { } item)
                tell(new MonitorMessage.Notice(owner.Kind, owner.Namespace, new WatchNotice.Present(item), New: false));
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            // The pods of this owner stay without a resource.
        }
    }
}
