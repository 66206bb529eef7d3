using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Model;
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

    /// <summary>
    /// The port of a pod that a forward leads to: the number that it gives, or the port of that name; null when the pod names none such.
    /// <para>
    /// A forward that gives the local port only means what Tilt's users know (tilt.dev, <c>k8s_resource</c>, <c>port_forwards</c>): that
    /// port where a container declares it, else the first that one declares, else that port.
    /// </para>
    /// </summary>
    public static int? Port(JsonObject pod, PortForward forward)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(forward);
        if (!forward.RemoteGiven)
        {
            ImmutableArray<int> declared = Declared(pod);
            return declared.IsEmpty || declared.Contains(forward.LocalPort) ? forward.LocalPort : declared[0];
        }
        if (int.TryParse(forward.RemotePort, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number is >= 1 and <= 65535 ? number : null;
        return Ports(pod).FirstOrDefault(p => p.Text("name") == forward.RemotePort)?.Number("containerPort");
    }

    /// <summary>The names of the ports of a pod's containers, to suggest one.</summary>
    public static ImmutableArray<string> PortNames(JsonObject pod) => [.. Ports(pod).Select(p => p.Text("name")).OfType<string>()];

    /// <summary>The TCP ports that a pod's containers declare, in their order; those of init containers that have ended are none.</summary>
    internal static ImmutableArray<int> Declared(JsonObject pod) =>
    [
        .. pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers").Where(c => c.Text("restartPolicy") == "Always"))
            .SelectMany(c => c.Items("ports"))
            .Where(p => p.Text("protocol") is null or "TCP")
            .Select(p => p.Number("containerPort"))
            .OfType<int>(),
    ];

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
