using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>Workloads that keep a number of pods, by the rules of <c>kubectl rollout status</c>, and their pods' own words.</summary>
internal static class ReplicatedHealth
{
    public static Health Deployment(JsonObject workload, WorkloadPods pods)
    {
        if (Unobserved(workload) is { } pending)
            return pending;
        int wanted = workload.Number("spec", "replicas") ?? 1;
        int updated = workload.Number("status", "updatedReplicas") ?? 0;
        int all = workload.Number("status", "replicas") ?? 0;
        int available = workload.Number("status", "availableReplicas") ?? 0;
        if (updated >= wanted && all <= updated && available >= wanted)
            return Ready(workload, wanted);
        JsonObject? progressing = workload.Condition("Progressing");
        if (progressing.Text("reason") == "ProgressDeadlineExceeded")
            return new Health.Failed(pods.Problems.FirstOrDefault()?.Message ?? progressing.Text("message") ?? "the progress deadline has passed", pods.Problems) { Final = true };
        if (ReplicaFailure(workload) is { } failure)
            return new Health.Failed(failure, pods.Problems);
        if (workload.Flag("spec", "paused"))
            return new Health.Pending("paused");
        string reason = updated < wanted ? $"{updated} of {wanted} pods updated"
            : all > updated ? $"{all - updated} old pods still to end"
            : $"{available} of {wanted} pods available";
        return pods.Unready(wanted, reason);
    }

    public static Health StatefulSet(JsonObject workload, WorkloadPods pods)
    {
        if (Unobserved(workload) is { } pending)
            return pending;
        int wanted = workload.Number("spec", "replicas") ?? 1;
        int ready = workload.Number("status", "readyReplicas") ?? 0;
        int updated = workload.Number("status", "updatedReplicas") ?? 0;
        // With OnDelete, and below a partition, old pods are meant to stay.
        bool replaces = workload.Text("spec", "updateStrategy", "type") is null or "RollingUpdate";
        int toUpdate = replaces ? Math.Max(0, wanted - (workload.Number("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0)) : 0;
        bool isUpdated = updated >= toUpdate || workload.Text("status", "updateRevision") == workload.Text("status", "currentRevision");
        if (ready >= wanted && isUpdated)
            return Ready(workload, wanted);
        return pods.Unready(wanted, isUpdated ? $"{ready} of {wanted} pods ready" : $"{updated} of {toUpdate} pods updated");
    }

    public static Health DaemonSet(JsonObject workload, WorkloadPods pods)
    {
        if (Unobserved(workload) is { } pending)
            return pending;
        int wanted = workload.Number("status", "desiredNumberScheduled") ?? 0;
        bool replaces = workload.Text("spec", "updateStrategy", "type") is null or "RollingUpdate";
        int updated = replaces ? workload.Number("status", "updatedNumberScheduled") ?? 0 : wanted;
        int available = workload.Number("status", "numberAvailable") ?? 0;
        if (updated >= wanted && available >= wanted)
            return Ready(workload, wanted);
        return pods.Unready(wanted, updated < wanted ? $"{updated} of {wanted} pods updated" : $"{available} of {wanted} pods available");
    }

    public static Health ReplicaSet(JsonObject workload, WorkloadPods pods)
    {
        if (Unobserved(workload) is { } pending)
            return pending;
        int wanted = workload.Number("spec", "replicas") ?? 1;
        int available = workload.Number("status", "availableReplicas") ?? 0;
        if (available >= wanted)
            return Ready(workload, wanted);
        if (ReplicaFailure(workload) is { } failure)
            return new Health.Failed(failure, pods.Problems);
        return pods.Unready(wanted, $"{available} of {wanted} pods available");
    }

    private static Health.Ready Ready(JsonObject workload, int wanted) => new(wanted, wanted) { Probed = wanted == 0 || Probes.VouchFor(workload.Map("spec", "template", "spec")) };

    /// <summary>Until the controller has seen the newest spec, its status speaks of the one before. A new object has no status at all.</summary>
    private static Health.Pending? Unobserved(JsonObject workload) =>
        workload.IsObserved() && workload.Number("status", "observedGeneration") is not null ? null : new Health.Pending("waits for its controller");

    private static string? ReplicaFailure(JsonObject workload) =>
        workload.Condition("ReplicaFailure") is { } condition && condition.Text("status") == "True"
            ? condition.Text("message") ?? condition.Text("reason") ?? "pods cannot be created"
            : null;
}
