using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>Judges an object of the cluster by its conditions and its pods.</summary>
public static class WorkloadHealth
{
    /// <param name="replicaSets">ReplicaSets and others between a workload and its pods; may hold those of other workloads.</param>
    /// <param name="pods">May hold those of other workloads; only those of the newest revision count.</param>
    /// <param name="warningEvents">Events of type Warning, and those of claims; may be of other objects.</param>
    /// <param name="rule">What the config says of the kind; null when it says nothing.</param>
    public static Health Of(JsonObject workload, IReadOnlyList<JsonObject> replicaSets, IReadOnlyList<JsonObject> pods, IReadOnlyList<JsonObject> warningEvents, ReadyRule? rule = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (workload.IsDeleting())
            return new Health.Pending("being deleted");
        if (rule is not null)
            return RuledHealth.Of(workload, rule);
        Func<WorkloadPods> current = () => WorkloadPods.Of(PodOwnership.CurrentPods(workload, replicaSets, pods), warningEvents);
        return workload.Text("kind") switch
        {
            "Deployment" => ReplicatedHealth.Deployment(workload, current()),
            "StatefulSet" => ReplicatedHealth.StatefulSet(workload, current()),
            "DaemonSet" => ReplicatedHealth.DaemonSet(workload, current()),
            "ReplicaSet" or "ReplicationController" => ReplicatedHealth.ReplicaSet(workload, current()),
            "Pod" => RunningHealth.Pod(workload, warningEvents),
            "Job" => RunningHealth.Job(workload, current()),
            _ => ObjectHealth.Of(workload, warningEvents),
        };
    }
}

/// <summary>The pods of a workload's newest revision, summed up.</summary>
internal sealed record WorkloadPods(int Ready, ImmutableArray<PodProblem> Problems)
{
    public static WorkloadPods Of(ImmutableArray<JsonObject> pods, IReadOnlyList<JsonObject> warningEvents) =>
        new(pods.Count(p => PodState.Of(p).Ready), [.. pods.SelectMany(p => PodEvidence.Of(p, warningEvents))]);

    /// <summary>Failed when a pod cannot get ready, else progressing.</summary>
    public Health Unready(int wanted, string reason)
    {
        if (Problems.FirstOrDefault(p => p.Fatal && p.Kind != PodProblemKind.Unschedulable) is { } fatal)
            return new Health.Failed(fatal.Message, Problems);
        // A node may still come or get room, so it waits longer than what is broken.
        if (Problems.FirstOrDefault(p => p.Kind == PodProblemKind.Unschedulable) is { } unschedulable)
            return new Health.Failed(unschedulable.Message, Problems) { Patience = PatienceForNode };
        return new Health.Progressing(Math.Min(Ready, wanted), wanted, Problems.FirstOrDefault()?.Message ?? reason, Problems);
    }

    private static readonly TimeSpan PatienceForNode = TimeSpan.FromMinutes(1);
}
