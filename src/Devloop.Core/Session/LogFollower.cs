using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>Follows the output of every container of every pod of a resource, from its first line; of pods that ran before, from the start of the run.</summary>
public sealed class LogFollower(ICluster cluster, TimeProvider clock, Action<SideNews> tell) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _known = [];
    private readonly List<Task> _following = [];
    private readonly DateTimeOffset _began = clock.GetUtcNow();

    /// <summary>Takes up containers that were not followed yet. Called by one thread at a time.</summary>
    public void See(ResourceView view)
    {
        foreach (JsonObject workload in view.Workloads)
        {
            foreach (JsonObject pod in PodOwnership.Pods(workload, view.ReplicaSets, view.Pods))
                See(view.Resource, pod);
        }
    }

    private void See(ResourceName resource, JsonObject pod)
    {
        string @namespace = pod.Text("metadata", "namespace") ?? "", name = pod.Name();
        DateTimeOffset? since = pod.Time("metadata", "creationTimestamp") is { } created && created < _began ? _began : null;
        foreach (JsonObject status in pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses")))
        {
            bool ran = status.At("state", "running") is not null || status.At("state", "terminated") is not null;
            if (!ran || status.Text("containerID") is not { Length: > 0 } id || !_known.Add(id))
                continue;
            _following.RemoveAll(t => t.IsCompleted);
            _following.Add(FollowAsync(resource, @namespace, name, status.Text("name") ?? "", since));
        }
    }

    private async Task FollowAsync(ResourceName resource, string @namespace, string pod, string container, DateTimeOffset? since)
    {
        try
        {
            await foreach (string line in cluster.LogsAsync(@namespace, pod, container, since, previous: false, _stop.Token).ConfigureAwait(false))
                tell(new SideNews.Log(resource, pod, container, line));
        }
        catch (Exception e) when (e is OperationCanceledException or ClusterException)
        {
            // The run is over, or the container went before its output could be read.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_following).ConfigureAwait(false);
        _stop.Dispose();
    }
}
