using System.Collections.Immutable;
using Devloop.Ports;

namespace Devloop.Manifests;

/// <summary>The kinds of Kubernetes itself that run pods.</summary>
public static class Workloads
{
    private static readonly ImmutableHashSet<string> Kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job", "CronJob"];

    public static bool Include(ObjectKind kind) =>
        Kinds.Contains(kind.Kind) && kind.Group is "" or "apps" or "batch" or "extensions";
}
