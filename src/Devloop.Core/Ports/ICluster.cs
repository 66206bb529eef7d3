using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;

namespace Devloop.Ports;

/// <summary>A Kubernetes API server. Objects are JSON nodes, so that no field is ever lost.</summary>
public interface ICluster
{
    /// <summary>Connects and reads what devloop needs to know of the cluster.</summary>
    Task<ClusterProbe> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>The object as it is, or null when it is not there. Throws <see cref="ClusterException"/>.</summary>
    Task<JsonObject?> GetAsync(ObjectReference reference, CancellationToken cancellationToken);

    /// <summary>Server-side apply with field manager <c>devloop</c>, forced. Gives the object as it then is. Throws <see cref="ClusterException"/>.</summary>
    Task<JsonObject> ApplyAsync(JsonObject rendered, CancellationToken cancellationToken);

    /// <summary>Takes fields out of an object. Throws <see cref="ClusterException"/>, also when one of them is not there.</summary>
    /// <param name="pointers">JSON pointers (RFC 6901), none inside another.</param>
    Task RemoveFieldsAsync(ObjectReference reference, ImmutableArray<string> pointers, CancellationToken cancellationToken);

    /// <summary>Deletes in the foreground or background; false when it was not there. Throws <see cref="ClusterException"/>.</summary>
    Task<bool> DeleteAsync(ObjectReference reference, DeletePropagation propagation, CancellationToken cancellationToken);

    /// <summary>
    /// Lists and then watches a kind in a namespace, resuming after every loss, until cancelled. The list comes as
    /// <see cref="WatchNotice.Present"/>, then one <see cref="WatchNotice.Synced"/>, then changes; after a relist the objects that
    /// vanished meanwhile come as <see cref="WatchNotice.Gone"/>, which holds kind and metadata only. When the watch stands again
    /// after a <see cref="WatchNotice.Lost"/>, another Synced says so. Throws <see cref="ClusterException"/> when the server refuses
    /// the first list; later refusals are losses.
    /// </summary>
    IAsyncEnumerable<WatchNotice> WatchAsync(ObjectKind kind, string? @namespace, string? labelSelector, CancellationToken cancellationToken);

    /// <summary>
    /// The lines of a container, followed until it ends, the connection is closed or the token is cancelled; a line is cut at 256 KiB.
    /// Throws <see cref="ClusterException"/>, with status 0 when the connection broke.
    /// </summary>
    /// <param name="since">Only lines from then on, and maybe some of the same second before; null is from the first.</param>
    /// <param name="previous">The lines of the container's instance before the last restart, without following.</param>
    IAsyncEnumerable<LogLine> LogsAsync(string @namespace, string pod, string container, DateTimeOffset? since, bool previous, CancellationToken cancellationToken);

    /// <summary>
    /// Runs a command in a container that runs, without a terminal, to its end. Throws <see cref="ClusterException"/> when it could not be
    /// run, with reason <c>ExecFailed</c> when the container has no such program, and with status 0 when the connection broke. When it is
    /// cancelled, the container runtime may let the command go on.
    /// </summary>
    Task<ExecEnd> ExecAsync(ExecOrder order, CancellationToken cancellationToken);
}

/// <summary>A command to run in a container.</summary>
/// <param name="Command">The program and its arguments; no shell is in between.</param>
public sealed record ExecOrder(string Namespace, string Pod, string Container, ImmutableArray<string> Command)
{
    /// <summary>
    /// What the command reads. Its end is passed on by servers since Kubernetes 1.30 only: for others the command has to know by what it
    /// reads, as <c>tar</c> does.
    /// </summary>
    public Stream? Input { get; init; }

    /// <summary>Hears what the command writes, as it comes; true for what went to its standard error. The memory is good during the call.</summary>
    public Action<ReadOnlyMemory<byte>, bool>? Output { get; init; }
}

/// <param name="ExitCode">From 0 to 255.</param>
public sealed record ExecEnd(int ExitCode);

/// <summary>A line that a container wrote.</summary>
/// <param name="At">When the container runtime took it; several lines may have one time.</param>
public readonly record struct LogLine(DateTimeOffset At, string Text);

public enum DeletePropagation
{
    Background,
    Foreground,
}

public readonly record struct ObjectKind(string ApiVersion, string Kind)
{
    /// <summary>The API group, without the version; empty for the core.</summary>
    public string Group => ApiVersion.IndexOf('/') is >= 0 and var slash ? ApiVersion[..slash] : "";

    /// <summary>Groups of Kubernetes itself have no dot in their name, or end in <c>.k8s.io</c>.</summary>
    public bool IsCustom => Group.Contains('.', StringComparison.Ordinal) && !Group.EndsWith(".k8s.io", StringComparison.Ordinal);

    public override string ToString() => $"{Kind}.{ApiVersion}";
}

/// <param name="Namespace">Null for the default of the context, and for kinds without namespaces.</param>
public sealed record ObjectReference(ObjectKind Kind, string? Namespace, string Name)
{
    public override string ToString() => $"{Kind.Kind.ToLowerInvariant()}/{Name}";
}

public abstract record ClusterProbe
{
    private ClusterProbe() { }

    /// <param name="Context">The kubeconfig context in use.</param>
    /// <param name="Namespace">The default namespace: the option's, the config's or the context's own.</param>
    /// <param name="Version">Such as <c>v1.20.2</c>.</param>
    public sealed record Reached(string Context, string Server, string Namespace, string Version, ImmutableArray<ClusterNode> Nodes) : ClusterProbe;

    public sealed record Unreachable(Diagnostic Why) : ClusterProbe;
}

/// <param name="Runtime">The container runtime version, such as <c>docker://20.10.24</c>.</param>
/// <param name="Images">Names and ids of images that the node reports; kubelets report a part only. Empty when nodes may not be read.</param>
/// <param name="SystemUuid">What the node says of its machine.</param>
public sealed record ClusterNode(string Name, string Runtime, string MachineId, string SystemUuid, string BootId, ImmutableArray<string> Images);

public abstract record WatchNotice
{
    private WatchNotice() { }

    /// <summary>The object as it is now.</summary>
    public sealed record Present(JsonObject Object) : WatchNotice;

    public sealed record Gone(JsonObject Object) : WatchNotice;

    /// <summary>All that existed has been told.</summary>
    public sealed record Synced : WatchNotice;

    /// <summary>The API server cannot be reached; the watch goes on trying.</summary>
    public sealed record Lost(string Reason) : WatchNotice;
}

/// <summary>What the API server refused, or that it could not be reached.</summary>
/// <param name="status">The HTTP status; 0 when there was no answer.</param>
/// <param name="reason">The machine-readable reason of the Status object, such as <c>Invalid</c> or <c>Forbidden</c>; empty without one.</param>
public sealed class ClusterException(int status, string reason, string message, ImmutableArray<ClusterCause> causes = default, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The reason when the cluster knows no such kind; the word of Kubernetes' own clients, since servers only say <c>NotFound</c>.</summary>
    public const string NoKindMatch = "NoKindMatch";

    public int Status { get; } = status;

    public string Reason { get; } = reason;

    public ImmutableArray<ClusterCause> Causes { get; } = causes.IsDefault ? [] : causes;
}

/// <param name="Field">Such as <c>spec.template.spec.containers[0].image</c>.</param>
public sealed record ClusterCause(string Reason, string Message, string Field);
