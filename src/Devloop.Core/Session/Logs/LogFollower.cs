using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session.Logs;

/// <summary>
/// Streams what every container of every pod of a resource writes, from its first line; of pods that ran before, from the start of the
/// run. What the config leaves out of a resource's log is still kept for <see cref="TailOf"/>.
/// </summary>
public sealed class LogFollower : IAsyncDisposable
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    private readonly ICluster _cluster;
    private readonly TimeProvider _clock;
    private readonly Action<SideNews> _tell;
    private readonly Action<ResourceName> _ended;
    private readonly DateTimeOffset _began;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, ContainerLog> _logs = [];
    private readonly List<(ContainerLog Log, Task Reading)> _following = [];
    private readonly LogTails _tails = new();
    private ImmutableDictionary<ResourceName, LogFilter> _filters = ImmutableDictionary<ResourceName, LogFilter>.Empty;

    /// <param name="ended">Called when a container's log came to its end.</param>
    public LogFollower(ICluster cluster, TimeProvider clock, Action<SideNews> tell, Action<ResourceName> ended)
    {
        (_cluster, _clock, _tell, _ended) = (cluster, clock, tell, ended);
        _began = clock.GetUtcNow();
    }

    /// <summary>What the config says of each resource's log counts from now on.</summary>
    public void Track(IEnumerable<ResourceDefinition> resources) => _filters = resources.ToImmutableDictionary(r => r.Name, r => r.Settings.Log);

    /// <summary>The last lines of a container that ended, or else of the one that runs; empty when none are known.</summary>
    public string TailOf(string pod, string container) => _tails.Of(pod, container);

    /// <summary>Takes up containers that were not followed yet, and notes which have ended. Called by one thread at a time.</summary>
    public void See(ResourceView view)
    {
        foreach (JsonObject pod in view.Pods)
            See(view.Resource, pod);
        HashSet<string> there = [.. view.Pods.Select(p => p.Text("metadata", "uid") ?? "")];
        foreach ((string id, ContainerLog log) in _logs.Where(l => l.Value.Resource == view.Resource && !there.Contains(l.Value.PodUid)).ToArray())
        {
            // A pod that has gone does not come back.
            log.Ended();
            _logs.Remove(id);
        }
    }

    private void See(ResourceName resource, JsonObject pod)
    {
        DateTimeOffset? since = pod.Time("metadata", "creationTimestamp") is { } created && created < _began ? _began : null;
        foreach (JsonObject status in PodState.ContainerStatuses(pod).Concat(pod.Items("status", "ephemeralContainerStatuses")))
        {
            bool runs = status.At("state", "running") is not null;
            string current = status.Text("containerID") ?? "";
            // An instance that came and went between two looks is read once more, before the one after it.
            if (status.Text("lastState", "terminated", "containerID") is { } before && before != current && since is null)
                Follow(resource, pod, status, before, since, previous: true).Ended();
            if (current.Length == 0)
                continue;
            ContainerLog log = Follow(resource, pod, status, current, since, previous: false);
            if (!runs)
                log.Ended();
        }
    }

    private ContainerLog Follow(ResourceName resource, JsonObject pod, JsonObject status, string id, DateTimeOffset? since, bool previous)
    {
        if (_logs.TryGetValue(id, out ContainerLog? known))
            return known;
        var log = new ContainerLog(_cluster, _clock, resource, pod.Text("metadata", "namespace") ?? "", pod.Name(), pod.Text("metadata", "uid") ?? "", status.Text("name") ?? "", since, previous);
        _logs[id] = log;
        lock (_following)
        {
            _following.RemoveAll(f => f.Reading.IsCompleted);
            _following.Add((log, FollowAsync(log)));
        }
        return log;
    }

    private async Task FollowAsync(ContainerLog log)
    {
        LogTail tail = _tails.Begin(log.Pod, log.Container);
        try
        {
            await foreach (string line in log.ReadAsync(_stop.Token).ConfigureAwait(false))
            {
                tail.Add(line);
                if (_filters.GetValueOrDefault(log.Resource)?.Shows(line) != false)
                    _tell(new SideNews.Log(log.Resource, log.Pod, log.Container, line));
            }
            tail.End();
            _ended(log.Resource);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    /// <summary>Waits until what ended containers wrote has been read, but no longer than some seconds: nobody wants the end of a pipeline's run cut off.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Task[] ended;
        lock (_following)
            ended = [.. _following.Where(f => f.Log.HasEnded).Select(f => f.Reading)];
        await Task.WhenAll(ended).WaitAsync(DrainPatience, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] all;
        lock (_following)
            all = [.. _following.Select(f => f.Reading)];
        await Task.WhenAll(all).ConfigureAwait(false);
        _stop.Dispose();
    }
}
