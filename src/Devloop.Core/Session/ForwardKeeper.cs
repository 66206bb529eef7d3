using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>Keeps the port-forwards of resources pointed at their newest pods.</summary>
public sealed class ForwardKeeper(IPortForwarder forwarder, Action<SideNews> tell) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceName, List<(PortForward Wanted, IPortForward Open)>> _open = [];
    private readonly HashSet<PortForward> _refused = [];

    /// <summary>Opens what the config wants and closes what it does not want any more.</summary>
    public async Task OpenAsync(IEnumerable<ResourceDefinition> resources)
    {
        Dictionary<ResourceName, ResourceDefinition> wanted = resources.ToDictionary(r => r.Name);
        var unwanted = new List<IPortForward>();
        lock (_lock)
        {
            foreach ((ResourceName name, var forwards) in _open)
            {
                bool Keep(PortForward forward) => wanted.TryGetValue(name, out ResourceDefinition? r) && r.Settings.PortForwards.Contains(forward);
                unwanted.AddRange(forwards.Where(f => !Keep(f.Wanted)).Select(f => f.Open));
                forwards.RemoveAll(f => !Keep(f.Wanted));
            }
        }
        // A port that moves from one resource to another is free before it is asked for again.
        foreach (IPortForward forward in unwanted)
            await forward.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            foreach (ResourceDefinition resource in wanted.Values)
            {
                if (!_open.TryGetValue(resource.Name, out var forwards))
                    _open[resource.Name] = forwards = [];
                foreach (PortForward forward in resource.Settings.PortForwards.Where(f => !forwards.Any(o => o.Wanted == f)))
                    Open(resource.Name, forward, forwards);
            }
        }
    }

    private void Open(ResourceName resource, PortForward forward, List<(PortForward, IPortForward)> forwards)
    {
        switch (forwarder.Start(forward))
        {
            case PortForwardStart.Listening listening:
                _refused.Remove(forward);
                forwards.Add((forward, listening.Forward));
                tell(new SideNews.Forwarding(resource, forward));
                break;
            case PortForwardStart.Refused refused when _refused.Add(forward):
                tell(new SideNews.Notice(refused.Why));
                break;
        }
    }

    public void See(ResourceView view)
    {
        (PortForward Wanted, IPortForward Open)[] forwards;
        lock (_lock)
            forwards = _open.TryGetValue(view.Resource, out var some) ? [.. some] : [];
        foreach ((PortForward wanted, IPortForward open) in forwards)
        {
            JsonObject? pod = view.Workloads.Select(w => ForwardChoice.Choose(w, view.Owners, view.Pods)).FirstOrDefault(p => p is not null);
            open.PointAt(pod is not null && ForwardChoice.Port(pod, wanted.RemotePort) is { } port
                ? new ForwardTarget(pod.Text("metadata", "namespace") ?? "default", pod.Name(), port)
                : null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((_, IPortForward open) in _open.Values.SelectMany(f => f))
            await open.DisposeAsync().ConfigureAwait(false);
    }
}
