using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>What a caller needs of a pod to settle whether it stays up: how often it restarted and since when it is ready.</summary>
/// <param name="Phase">Pending, Running, Succeeded, Failed or Unknown.</param>
/// <param name="ReadySince">Null while it is not ready.</param>
/// <param name="RestartCount">Of all containers, init containers too.</param>
public sealed record PodState(string Name, string Uid, string Phase, bool Ready, DateTimeOffset? ReadySince, int RestartCount, bool Deleting)
{
    public static PodState Of(JsonObject pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        JsonObject? ready = pod.Condition("Ready");
        bool isReady = ready.Text("status") == "True" && !pod.IsDeleting();
        return new PodState(
            pod.Name(),
            pod.Text("metadata", "uid") ?? "",
            pod.Text("status", "phase") ?? "Pending",
            isReady,
            isReady ? ready.Time("lastTransitionTime") : null,
            ContainerStatuses(pod).Sum(s => s.Number("restartCount") ?? 0),
            pod.IsDeleting());
    }

    internal static IEnumerable<JsonObject> ContainerStatuses(JsonObject pod) =>
        pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses"));
}
