using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>A container of a pod.</summary>
/// <param name="Id">As the pod's status has it, such as <c>docker://</c> and 64 hex digits: another as soon as the container started anew.</param>
public sealed record ContainerPlace(string Namespace, string Pod, string Container, string Id);

/// <summary>What is to be done in a running container, in this order: files, commands, restart.</summary>
public sealed record ContainerUpdate
{
    public required ContainerPlace Place { get; init; }

    /// <summary>In the order in which they are written.</summary>
    public ImmutableArray<OverlayEntry> Entries { get; init; } = [];

    public ImmutableArray<CommandWords> Runs { get; init; } = [];

    /// <summary>Start the container's process again. The container has the supervisor of <c>Devloop.Manifests.LiveEquipment</c>.</summary>
    public bool Restart { get; init; }

    /// <summary>Hears each line that the commands write; true for their standard error.</summary>
    public Action<string, bool>? Output { get; init; }
}

public abstract record ContainerUpdateOutcome
{
    private ContainerUpdateOutcome() { }

    public sealed record Updated : ContainerUpdateOutcome;

    /// <summary>It broke on the way: some of it may be there. It may go well the next time.</summary>
    public sealed record Broken(Diagnostic Why) : ContainerUpdateOutcome;

    /// <summary>The container cannot be changed so: it is of no use to try again.</summary>
    public sealed record Refused(Diagnostic Why) : ContainerUpdateOutcome;

    /// <summary>The files are there, but a command failed; the container's process was not started again.</summary>
    public sealed record RunFailed(CommandWords Command, int ExitCode, Diagnostic Why) : ContainerUpdateOutcome;

    /// <summary>A file changed between hashing and sending: what the container shows of it is in doubt.</summary>
    /// <param name="Source">Absolute on this machine.</param>
    public sealed record Obsolete(string Source) : ContainerUpdateOutcome;

    /// <summary>The container runs no more.</summary>
    public sealed record Gone : ContainerUpdateOutcome;
}

/// <summary>Changes containers that run.</summary>
public interface IContainerUpdater
{
    /// <summary>Throws only when it is cancelled.</summary>
    Task<ContainerUpdateOutcome> UpdateAsync(ContainerUpdate update, CancellationToken cancellationToken);
}
