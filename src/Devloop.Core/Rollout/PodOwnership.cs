using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <param name="Uid">Empty when the reference says none.</param>
public sealed record ObjectOwner(string ApiVersion, string Kind, string Name, string Uid);

/// <summary>Which workload a pod belongs to, through the controllers in between.</summary>
public static class PodOwnership
{
    private const string DeploymentRevision = "deployment.kubernetes.io/revision";
    private const string RevisionHash = "controller-revision-hash";

    /// <summary>The topmost owner that can be told: a Deployment through its ReplicaSet, a CronJob through its Job; null for a pod on its own.</summary>
    /// <param name="between">ReplicaSets and Jobs that are known; through an unknown one the way ends there.</param>
    public static ObjectOwner? OwnerOf(JsonObject pod, IReadOnlyList<JsonObject> between)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(between);
        ObjectOwner? owner = ControllerOf(pod);
        // Chains are two long; the bound keeps a circle of references from going on for ever.
        for (int steps = 0; owner is not null && steps < 8; steps++)
        {
            JsonObject? next = between.FirstOrDefault(o => o.Text("metadata", "uid") == owner.Uid);
            if (next is null || ControllerOf(next) is not { } above)
                break;
            owner = above;
        }
        return owner;
    }

    /// <summary>Every pod of a workload, of whatever revision, that is not being deleted.</summary>
    /// <param name="between">ReplicaSets, Jobs and whatever else may stand between the workload and its pods; may hold those of others.</param>
    public static ImmutableArray<JsonObject> Pods(JsonObject workload, IReadOnlyList<JsonObject> between, IReadOnlyList<JsonObject> pods) =>
        [.. AllPods(workload, between, pods).Where(p => !p.IsDeleting())];

    /// <summary>Every pod of a workload, also those that are being deleted.</summary>
    /// <param name="between">As for <see cref="Pods"/>.</param>
    public static ImmutableArray<JsonObject> AllPods(JsonObject workload, IReadOnlyList<JsonObject> between, IReadOnlyList<JsonObject> pods)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(between);
        ArgumentNullException.ThrowIfNull(pods);
        string uid = workload.Text("metadata", "uid") ?? "";
        if (workload.Text("kind") == "Pod")
            return [.. pods.Where(p => p.Text("metadata", "uid") == uid)];
        HashSet<string> owners = [uid];
        while (between.Where(o => ControllerOf(o) is { } c && owners.Contains(c.Uid) && !owners.Contains(o.Text("metadata", "uid") ?? "")).Select(o => o.Text("metadata", "uid") ?? "").ToArray() is { Length: > 0 } more)
            owners.UnionWith(more);
        return [.. pods.Where(p => ControllerOf(p) is { } c && owners.Contains(c.Uid))];
    }

    /// <summary>
    /// The pods of a workload's newest revision. A Deployment's newest ReplicaSet carries the Deployment's own revision number; while no
    /// known ReplicaSet does, there are no current pods yet, and those of the revision before must not speak for it.
    /// </summary>
    /// <param name="replicaSets">May hold those of other workloads; for other kinds it may be empty.</param>
    public static ImmutableArray<JsonObject> CurrentPods(JsonObject workload, IReadOnlyList<JsonObject> replicaSets, IReadOnlyList<JsonObject> pods)
    {
        ImmutableArray<JsonObject> all = Pods(workload, replicaSets, pods);
        switch (workload.Text("kind"))
        {
            case "Deployment":
                string? newest = NewestReplicaSet(workload, replicaSets)?.Text("metadata", "uid");
                return [.. all.Where(p => newest is not null && ControllerOf(p)?.Uid == newest)];
            case "StatefulSet" when workload.Text("status", "updateRevision") is { } revision:
                return [.. all.Where(p => p.Text("metadata", "labels", RevisionHash) == revision)];
            case "DaemonSet" when workload.Text("metadata", "annotations", "deprecated.daemonset.template.generation") is { } generation:
                return [.. all.Where(p => p.Text("metadata", "labels", "pod-template-generation") is not { } label || label == generation)];
            default:
                return all;
        }
    }

    /// <summary>The ReplicaSet of a Deployment's newest revision, or null while it is not known.</summary>
    public static JsonObject? NewestReplicaSet(JsonObject deployment, IReadOnlyList<JsonObject> replicaSets)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentNullException.ThrowIfNull(replicaSets);
        string? revision = deployment.Text("metadata", "annotations", DeploymentRevision);
        string? uid = deployment.Text("metadata", "uid");
        return replicaSets.LastOrDefault(r => IsOwnedBy(r, uid) && revision is not null && r.Text("metadata", "annotations", DeploymentRevision) == revision);
    }

    private static bool IsOwnedBy(JsonObject item, string? uid) => uid is not null && ControllerOf(item)?.Uid == uid;

    /// <summary>Who an object says that it is controlled by; null when by nobody.</summary>
    public static ObjectOwner? ControllerOf(JsonObject item)
    {
        JsonObject? reference = item.Items("metadata", "ownerReferences").FirstOrDefault(r => r.Flag("controller"));
        return reference is null
            ? null
            : new ObjectOwner(reference.Text("apiVersion") ?? "", reference.Text("kind") ?? "", reference.Text("name") ?? "", reference.Text("uid") ?? "");
    }
}
