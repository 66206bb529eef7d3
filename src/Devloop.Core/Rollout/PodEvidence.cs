using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>Finds what keeps a pod from being ready, from its status and the warnings about it.</summary>
public static class PodEvidence
{
    // The registry's own words for what a second pull will not mend.
    private static readonly ImmutableArray<string> FinalPullErrors =
        ["not found", "manifest unknown", "does not exist", "pull access denied", "unauthorized", "denied", "no match for platform", "invalid reference format"];

    /// <summary>The problems of one pod, its own first; empty when nothing is known against it.</summary>
    /// <param name="warningEvents">Events of type Warning; those of other objects are passed over.</param>
    public static ImmutableArray<PodProblem> Of(JsonObject pod, IReadOnlyList<JsonObject> warningEvents)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(warningEvents);
        if (pod.IsDeleting() || pod.Text("status", "phase") == "Succeeded")
            return [];
        ImmutableArray<PodProblem>.Builder found = ImmutableArray.CreateBuilder<PodProblem>();
        if (OfPod(pod) is { } own)
            found.Add(own);
        found.AddRange(PodState.ContainerStatuses(pod).Select(s => OfContainer(pod, s)).OfType<PodProblem>());
        if (found.Count == 0 && !PodState.Of(pod).Ready && Warning(pod, warningEvents) is { } warning)
            found.Add(warning);
        return found.ToImmutable();
    }

    private static PodProblem? OfPod(JsonObject pod)
    {
        int restarts = PodState.Of(pod).RestartCount;
        if (pod.Text("status", "phase") == "Failed" && pod.Text("status", "reason") is { } reason)
            return new PodProblem(pod.Name(), null, PodProblemKind.Ended, Sentence(reason, pod.Text("status", "message")), null, restarts, true, null);
        JsonObject? scheduled = pod.Condition("PodScheduled");
        if (scheduled.Text("status") == "False" && scheduled.Text("reason") is "Unschedulable" or "SchedulingGated")
            return new PodProblem(pod.Name(), null, PodProblemKind.Unschedulable, Sentence(scheduled.Text("reason")!, scheduled.Text("message")), null, 0, scheduled.Text("reason") == "Unschedulable", scheduled.Time("lastTransitionTime"));
        return null;
    }

    private static PodProblem? OfContainer(JsonObject pod, JsonObject status)
    {
        JsonNode? last = status.At("lastState", "terminated");
        PodProblem Problem(PodProblemKind kind, string message, bool fatal, JsonNode? ended) =>
            new(pod.Name(), status.Text("name"), kind, message, ended.Number("exitCode"), status.Number("restartCount") ?? 0, fatal, ended.Time("finishedAt"));

        if (status.At("state", "waiting") is JsonObject waiting)
        {
            string reason = waiting.Text("reason") ?? "";
            string? message = waiting.Text("message");
            return reason switch
            {
                "CrashLoopBackOff" when last.Text("reason") == "OOMKilled" => Problem(PodProblemKind.OutOfMemory, "OOMKilled: out of memory, again and again", true, last),
                "CrashLoopBackOff" => Problem(PodProblemKind.CrashLoop, Sentence(reason, ExitText(last)), true, last),
                "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError" => Problem(PodProblemKind.Image, Sentence(reason, message), true, null),
                "ErrImagePull" or "RegistryUnavailable" or "SignatureValidationFailed" => Problem(PodProblemKind.Image, Sentence(reason, message), IsFinal(message), null),
                "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" or "StartError" or "PreStartHookError" or "PostStartHookError" =>
                    Problem(PodProblemKind.Start, Sentence(reason, message), true, last),
                // Between an end and the next start there is no back-off yet.
                _ when last.Number("exitCode") is { } code and not 0 => Problem(Ended(last), Sentence(EndReason(last), ExitText(last)), code is 126 or 127 or 128, last),
                _ => null,
            };
        }
        if (status.At("state", "terminated") is JsonObject terminated && terminated.Number("exitCode") is { } exit and not 0)
        {
            bool restarts = pod.Text("spec", "restartPolicy") is null or "Always" or "OnFailure";
            bool never = terminated.Text("reason") is "ContainerCannotRun" or "StartError";
            return Problem(Ended(terminated), Sentence(EndReason(terminated), terminated.Text("message") ?? ExitText(terminated)), never || !restarts, terminated);
        }
        if (!status.Flag("ready") && status.At("state", "running") is not null && last.Number("exitCode") is not (null or 0))
            return Problem(Ended(last), Sentence(EndReason(last), $"{ExitText(last)}; started again"), false, last);
        return null;
    }

    private static PodProblem? Warning(JsonObject pod, IReadOnlyList<JsonObject> warningEvents)
    {
        if (EventsAbout.Newest(pod, warningEvents) is not { } newest)
            return null;
        PodProblemKind kind = newest.Text("reason") == "Unhealthy" ? PodProblemKind.Probe : PodProblemKind.Warning;
        return new PodProblem(pod.Name(), Container(newest.Text("involvedObject", "fieldPath")), kind, Sentence(newest.Text("reason") ?? "", newest.Text("message")), null,
            PodState.Of(pod).RestartCount, false, newest.Time("firstTimestamp") ?? newest.Time("eventTime"));
    }

    /// <summary>The name in <c>spec.containers{web}</c>.</summary>
    private static string? Container(string? fieldPath)
    {
        int open = fieldPath?.IndexOf('{', StringComparison.Ordinal) ?? -1;
        return open < 0 || !fieldPath!.EndsWith('}') ? null : fieldPath[(open + 1)..^1];
    }

    private static bool IsFinal(string? message) => message is not null && FinalPullErrors.Any(e => message.Contains(e, StringComparison.OrdinalIgnoreCase));

    private static PodProblemKind Ended(JsonNode? terminated) => terminated.Text("reason") switch
    {
        "OOMKilled" => PodProblemKind.OutOfMemory,
        "ContainerCannotRun" or "StartError" => PodProblemKind.Start,
        _ => PodProblemKind.Exited,
    };

    private static string EndReason(JsonNode? terminated) => terminated.Text("reason") ?? "Error";

    private static string? ExitText(JsonNode? terminated) => terminated.Number("exitCode") is { } code ? "exit code " + code.ToString(CultureInfo.InvariantCulture) : null;

    private static string Sentence(string reason, string? detail) =>
        string.IsNullOrWhiteSpace(detail) ? reason : $"{reason}: {string.Join(' ', detail.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}";
}
