using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>
/// A command of this machine that takes part in the graph: one that runs to its end, one that serves until it is stopped, or the first and
/// then the second.
/// </summary>
public sealed record LocalCommand
{
    public required ResourceName Name { get; init; }

    /// <summary>Runs to its end; null when there is only something to serve.</summary>
    public CommandWords? Command { get; init; }

    /// <summary>Runs until it is stopped; begins after each good end of <see cref="Command"/>.</summary>
    public CommandWords? Serve { get; init; }

    /// <summary>Runs when the project is taken down.</summary>
    public CommandWords? Teardown { get; init; }

    /// <summary>Files, directories and globs that it reads; relative to the project.</summary>
    public ImmutableArray<string> Deps { get; init; } = [];

    /// <summary>What of <see cref="Deps"/> does not count, in the language of <c>.dockerignore</c>.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>Files and directories that it writes; below the project.</summary>
    public ImmutableArray<string> Produces { get; init; } = [];

    /// <summary>Where it runs; relative to the project.</summary>
    public string Directory { get; init; } = ".";

    /// <summary>Where <see cref="Serve"/> runs; relative to the project.</summary>
    public string ServeDirectory { get; init; } = ".";

    /// <summary>Set on top of what devloop itself has. Values may be secret: they reach no message.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The same for <see cref="Serve"/>.</summary>
    public ImmutableSortedDictionary<string, string> ServeEnvironment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How to know that it serves; null: once it has started.</summary>
    public ReadinessProbe? Readiness { get; init; }

    public ResourceSettings Settings { get; init; } = new();

    public SourceSpan? At { get; init; }
}
