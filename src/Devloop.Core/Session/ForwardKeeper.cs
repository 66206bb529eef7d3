using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Keeps the port-forwards of resources open and pointed at their newest pods. A port that is busy is tried again until it is free.</summary>
public sealed class ForwardKeeper(IPortForwarder forwarder, TimeProvider clock, Action<SideNews> tell) : IAsyncDisposable
{
    /// <summary>Between two tries of a busy port. A try costs one call of the system.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceName, List<KeptForward>> _open = [];
    private readonly Dictionary<ResourceName, ResourceView> _seen = [];
    private readonly HashSet<PortForward> _refused = [];
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyDictionary<ResourceName, ResourceDefinition> _wanted = new Dictionary<ResourceName, ResourceDefinition>();
    private Task _retrying = Task.CompletedTask;
    private bool _isRetrying;

    /// <summary>Opens what the config wants and closes what it does not want any more.</summary>
    public async Task OpenAsync(IEnumerable<ResourceDefinition> resources)
    {
        Dictionary<ResourceName, ResourceDefinition> wanted = resources.ToDictionary(r => r.Name);
        var unwanted = new List<KeptForward>();
        lock (_lock)
        {
            _wanted = wanted;
            foreach ((ResourceName name, List<KeptForward> forwards) in _open)
            {
                bool Keep(KeptForward forward) => wanted.TryGetValue(name, out ResourceDefinition? r) && r.Settings.PortForwards.Contains(forward.Wanted);
                unwanted.AddRange(forwards.Where(f => !Keep(f)));
                forwards.RemoveAll(f => !Keep(f));
            }
            foreach (ResourceName gone in _seen.Keys.Where(name => !wanted.ContainsKey(name)).ToArray())
                _seen.Remove(gone);
            _refused.RemoveWhere(f => !wanted.Values.Any(r => r.Settings.PortForwards.Contains(f)));
        }
        // A port that moves from one resource to another is free before it is asked for again.
        foreach (KeptForward forward in unwanted)
            await forward.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            if (OpenMissing() && !_isRetrying)
            {
                _isRetrying = true;
                _retrying = RetryAsync();
            }
        }
    }

    public void See(ResourceView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        KeptForward[] forwards;
        lock (_lock)
        {
            if (!_wanted.ContainsKey(view.Resource))
                return;
            _seen[view.Resource] = view;
            forwards = _open.TryGetValue(view.Resource, out List<KeptForward>? some) ? [.. some] : [];
        }
        foreach (KeptForward forward in forwards)
            forward.See(view);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _retrying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (KeptForward forward in _open.Values.SelectMany(f => f))
            await forward.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>True when something stays closed that may open later. Needs the lock.</summary>
    private bool OpenMissing()
    {
        bool mayPass = false;
        foreach (ResourceDefinition resource in _wanted.Values)
        {
            if (!_open.TryGetValue(resource.Name, out List<KeptForward>? forwards))
                _open[resource.Name] = forwards = [];
            foreach (PortForward forward in resource.Settings.PortForwards.Where(f => !forwards.Any(o => o.Wanted == f)))
                mayPass |= Open(resource.Name, forward, forwards);
        }
        return mayPass;
    }

    private bool Open(ResourceName resource, PortForward forward, List<KeptForward> forwards)
    {
        var kept = new KeptForward(forward, tell);
        switch (forwarder.Start(forward, kept.Hear))
        {
            case PortForwardStart.Listening listening:
                _refused.Remove(forward);
                kept.Opened(listening.Forward);
                forwards.Add(kept);
                if (_seen.TryGetValue(resource, out ResourceView? view))
                    kept.See(view);
                tell(new SideNews.Forwarding(resource, forward));
                return false;
            case PortForwardStart.Refused refused:
                if (_refused.Add(forward))
                    tell(new SideNews.Notice(refused.Why));
                return refused.MayPass;
            default:
                return false;
        }
    }

    private async Task RetryAsync()
    {
        while (true)
        {
            await Task.Delay(RetryAfter, clock, _stop.Token).ConfigureAwait(false);
            lock (_lock)
            {
                _isRetrying = OpenMissing();
                if (!_isRetrying)
                    return;
            }
        }
    }
}
