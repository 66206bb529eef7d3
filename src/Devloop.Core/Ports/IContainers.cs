using System.Collections.Immutable;

namespace Devloop.Ports;

/// <summary>A command to run in a container, without a terminal and without a shell in between.</summary>
/// <param name="Words">A program, which is looked for as the container does, and its arguments.</param>
public sealed record ContainerOrder(ContainerPlace Place, ImmutableArray<string> Words)
{
    /// <summary>
    /// What the command reads. Not every way passes on its end: the command has to know by what it reads where that is. An exception that
    /// reading it throws ends the command, and is thrown.
    /// </summary>
    public Stream? Input { get; init; }

    /// <summary>Hears what the command writes, as it comes; true for its standard error. The memory is good during the call.</summary>
    public Action<ReadOnlyMemory<byte>, bool>? Output { get; init; }

    /// <summary>As user and group 0 where the way can choose; else as the container's own user.</summary>
    public bool AsRoot { get; init; }
}

/// <summary>How a command in a container ended.</summary>
public abstract record ContainerExecEnd
{
    private ContainerExecEnd() { }

    /// <param name="Code">From 0 to 255.</param>
    public sealed record Exited(int Code) : ContainerExecEnd;

    /// <summary>The container has no such program, or cannot run it.</summary>
    /// <param name="Text">In the words of the container runtime.</param>
    public sealed record NoProgram(string Text) : ContainerExecEnd;

    /// <summary>There is no such container here, or it does not run.</summary>
    public sealed record NotThere : ContainerExecEnd;

    /// <summary>The server does not let this user run commands.</summary>
    public sealed record Forbidden(string Text) : ContainerExecEnd;

    /// <summary>The connection broke, or none came about: how the command ended is not known.</summary>
    public sealed record Lost(string Text) : ContainerExecEnd;
}

/// <summary>Containers that run, and what can be run in them.</summary>
public interface IContainers
{
    /// <summary>Runs a command to its end. Throws when it is cancelled or its input throws; the command then ends with its input.</summary>
    Task<ContainerExecEnd> ExecAsync(ContainerOrder order, CancellationToken cancellationToken);

    /// <summary>Whether the container of that id runs; null when that cannot be learnt now.</summary>
    Task<bool?> RunsAsync(ContainerPlace place, CancellationToken cancellationToken);
}

/// <summary>Containers of a Docker Engine that runs the nodes too.</summary>
public interface IEngineContainers : IContainers
{
    /// <summary>What the engine's machine is, such as <c>amd64</c>; null when it cannot be learnt.</summary>
    Task<string?> ArchitectureAsync(CancellationToken cancellationToken);

    /// <summary>Puts a program into the root directory of a container, whatever it has of its own. What stood there is replaced.</summary>
    /// <param name="name">A file name.</param>
    Task<ContainerPut> PutProgramAsync(ContainerPlace place, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

public abstract record ContainerPut
{
    private ContainerPut() { }

    public sealed record Done : ContainerPut;

    public sealed record NotThere : ContainerPut;

    /// <summary>The container's file system cannot be written to.</summary>
    public sealed record ReadOnly : ContainerPut;

    public sealed record Failed(string Text) : ContainerPut;
}
