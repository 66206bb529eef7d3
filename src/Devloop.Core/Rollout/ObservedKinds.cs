using System.Collections.Immutable;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Rollout;

/// <summary>Which objects say themselves how they do, and what is to be watched to hear it.</summary>
public static class ObservedKinds
{
    public static readonly ObjectKind Pod = new("v1", "Pod");
    public static readonly ObjectKind Event = new("v1", "Event");
    private static readonly ObjectKind ReplicaSet = new("apps/v1", "ReplicaSet");
    private static readonly ObjectKind Job = new("batch/v1", "Job");

    /// <summary>
    /// Whether an object of a kind can be anything but ready once it exists: workloads, claims, definitions of kinds, and custom kinds.
    /// Built-in kinds beside these have no life of their own.
    /// </summary>
    public static bool Include(ObjectKind kind, IEnumerable<KindRule> rules) =>
        Workloads.Include(kind) || kind is { Kind: "PersistentVolumeClaim", ApiVersion: "v1" } || kind.Kind == "CustomResourceDefinition" || kind.IsCustom || rules.Any(r => r.Ready is not null && r.Covers(kind.ApiVersion, kind.Kind));

    /// <summary>What is watched for an object of a kind, its own kind first.</summary>
    /// <param name="runsPods">Whether pods may come of it.</param>
    public static ImmutableArray<ObjectKind> WatchedFor(ObjectKind kind, bool runsPods) => kind.Kind switch
    {
        "Deployment" => [kind, ReplicaSet, Pod, Event],
        "CronJob" => [kind, Job, Pod, Event],
        "PersistentVolumeClaim" => [kind, Event],
        "CustomResourceDefinition" => [kind],
        _ when Workloads.Include(kind) => [kind, Pod, Event],
        _ when runsPods => [kind, ReplicaSet, Job, Pod, Event],
        _ => [kind],
    };
}
