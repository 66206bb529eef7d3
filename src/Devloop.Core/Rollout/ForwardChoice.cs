using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>Chooses the pod that a port-forward points at, and the number of its port.</summary>
public static class ForwardChoice
{
    /// <summary>
    /// The newest ready pod of the current revision; else a pod of it that is bound to a node and has no readiness probe; else the
    /// newest ready pod of an older revision; else null.
    /// <para>
    /// A pod without a readiness probe is called ready as soon as its process runs, which says nothing of its port, and the news of
    /// it comes through two watches. The forwarder tries a connection again until the pod answers, so pointing at the pod once it has a
    /// node is never worse and saves that detour. A probe is the user's own word for "not yet", so it is respected, and a pod that
    /// cannot start does not take connections away from one that works.
    /// </para>
    /// </summary>
    public static JsonObject? Choose(JsonObject workload, IReadOnlyList<JsonObject> replicaSets, IReadOnlyList<JsonObject> pods)
    {
        ImmutableArray<JsonObject> current = NewestFirst(PodOwnership.CurrentPods(workload, replicaSets, pods));
        return current.FirstOrDefault(p => PodState.Of(p).Ready)
            ?? current.FirstOrDefault(IsWorthAsking)
            ?? NewestFirst(PodOwnership.Pods(workload, replicaSets, pods)).FirstOrDefault(p => PodState.Of(p).Ready);
    }

    /// <summary>The number of a port that is given as a number or as the name of a container's port; null when the pod names none such.</summary>
    public static int? Port(JsonObject pod, string port)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number is >= 1 and <= 65535 ? number : null;
        return Ports(pod).FirstOrDefault(p => p.Text("name") == port)?.Number("containerPort");
    }

    /// <summary>The names of the ports of a pod's containers, to suggest one.</summary>
    public static ImmutableArray<string> PortNames(JsonObject pod) => [.. Ports(pod).Select(p => p.Text("name")).OfType<string>()];

    private static IEnumerable<JsonObject> Ports(JsonObject pod) =>
        pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).SelectMany(c => c.Items("ports"));

    private static bool IsWorthAsking(JsonObject pod) =>
        pod.Text("spec", "nodeName") is { Length: > 0 }
        && pod.Text("status", "phase") is not ("Succeeded" or "Failed")
        && pod.Items("spec", "containers").All(c => c.At("readinessProbe") is null)
        && !PodEvidence.Of(pod, []).Any(p => p.Fatal);

    private static ImmutableArray<JsonObject> NewestFirst(ImmutableArray<JsonObject> pods) =>
        [.. pods.OrderByDescending(p => p.Time("metadata", "creationTimestamp") ?? DateTimeOffset.MinValue).ThenBy(p => p.Name(), StringComparer.Ordinal)];
}
