using System.Diagnostics;
using System.Text.Json.Nodes;
using Devloop.Adapters.Kubernetes;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Bench;

/// <summary>The cluster by itself: what a change of one pod costs when nobody builds anything.</summary>
internal sealed class BenchCluster : IDisposable
{
    private readonly KubernetesCluster _cluster;
    private readonly string _namespace;

    private BenchCluster(KubernetesCluster cluster, string @namespace) => (_cluster, _namespace) = (cluster, @namespace);

    public static BenchCluster Connect(string @namespace) =>
        new(new KubernetesCluster(ClusterAccessReader.Read(ClusterOptions.FromEnvironment(null, @namespace)).Value ?? throw new InvalidOperationException("no kubeconfig"), TimeProvider.System), @namespace);

    public Task CreateNamespaceAsync() => _cluster.ApplyAsync(
        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = _namespace } }, CancellationToken.None);

    public Task DeleteNamespaceAsync() => _cluster.DeleteAsync(new ObjectReference(new ObjectKind("v1", "Namespace"), null, _namespace), DeletePropagation.Background, CancellationToken.None);

    /// <summary>Seconds from changing an annotation of the pod template to the Deployment being ready again, told by watches.</summary>
    public async Task<double[]> BareRolloutsAsync(string deployment, int rounds)
    {
        var reference = new ObjectReference(new ObjectKind("apps/v1", "Deployment"), _namespace, deployment);
        var seconds = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            JsonObject patch = Template(deployment, (await _cluster.GetAsync(reference, CancellationToken.None).ConfigureAwait(false))!, round);
            long began = Stopwatch.GetTimestamp();
            JsonObject applied = await _cluster.ApplyAsync(patch, CancellationToken.None).ConfigureAwait(false);
            await ReadyAsync(reference, Generation(applied)).ConfigureAwait(false);
            seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        return [.. seconds];
    }

    /// <summary>Waits until so many pods exist.</summary>
    public async Task PodsAsync(int count)
    {
        var seen = new HashSet<string>();
        await foreach (WatchNotice notice in _cluster.WatchAsync(new ObjectKind("v1", "Pod"), _namespace, null, CancellationToken.None).ConfigureAwait(false))
        {
            if (notice is WatchNotice.Present { Object: var item } && seen.Add((string)item["metadata"]!["name"]!) && seen.Count >= count)
                return;
        }
    }

    private static JsonObject Template(string name, JsonObject live, int round)
    {
        var spec = (JsonObject)live["spec"]!.DeepClone();
        var metadata = (JsonObject)spec["template"]!["metadata"]!;
        metadata["annotations"] = new JsonObject { ["bench"] = $"{round} {Guid.NewGuid():N}" };
        return new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = (string?)live["metadata"]?["namespace"] }, ["spec"] = spec };
    }

    private async Task ReadyAsync(ObjectReference reference, long generation)
    {
        await foreach (WatchNotice notice in _cluster.WatchAsync(reference.Kind, _namespace, null, CancellationToken.None).ConfigureAwait(false))
        {
            if (notice is WatchNotice.Present { Object: var item } && (string?)item["metadata"]?["name"] == reference.Name && Generation(item) >= generation
                && WorkloadHealth.Of(item, [], [], []) is Health.Ready)
            {
                return;
            }
        }
    }

    private static long Generation(JsonObject item) => (long?)item["metadata"]?["generation"] ?? 0;

    public void Dispose() => _cluster.Dispose();
}
