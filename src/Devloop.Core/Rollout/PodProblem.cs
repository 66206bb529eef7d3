namespace Devloop.Rollout;

public enum PodProblemKind
{
    /// <summary>No node takes the pod.</summary>
    Unschedulable,

    /// <summary>The image cannot be had: its name, its registry or the right to pull.</summary>
    Image,

    /// <summary>The container cannot be created or started, such as for a missing ConfigMap or a wrong command.</summary>
    Start,

    /// <summary>The container ended with a code other than 0 and is started again.</summary>
    Exited,

    /// <summary>The container ends again and again, and the kubelet waits longer each time.</summary>
    CrashLoop,

    /// <summary>The container used more memory than its limit.</summary>
    OutOfMemory,

    /// <summary>A probe says no.</summary>
    Probe,

    /// <summary>The pod itself ended or was evicted.</summary>
    Ended,

    /// <summary>What the cluster warned of: volumes that cannot be mounted, sandboxes that cannot be made.</summary>
    Warning,
}

/// <summary>Why a pod is not ready.</summary>
/// <param name="Container">Null when the problem is the pod's own.</param>
/// <param name="Message">In the words of the field, such as <c>CrashLoopBackOff: exit code 1</c>.</param>
/// <param name="ExitCode">Of the last time the container ended, when it ended.</param>
/// <param name="RestartCount">Of the container; of all containers for a problem of the pod.</param>
/// <param name="Fatal">True when it will not heal by itself soon: waiting longer tells nothing new.</param>
/// <param name="Since">When it began, as far as the cluster says.</param>
public sealed record PodProblem(
    string Pod,
    string? Container,
    PodProblemKind Kind,
    string Message,
    int? ExitCode,
    int RestartCount,
    bool Fatal,
    DateTimeOffset? Since)
{
    /// <summary>What the container wrote last, a line each; empty when that is not known.</summary>
    public string LastOutput { get; init; } = "";
}
