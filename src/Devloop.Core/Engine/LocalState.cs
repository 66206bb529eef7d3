using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>What is known of a resource that is a local command, beside what is known of every resource; a deploy is a run of it.</summary>
public sealed record LocalState
{
    /// <summary>What it reads may have changed and was not looked at yet.</summary>
    public bool Dirty { get; init; } = true;

    /// <summary>The look at what it reads that goes on.</summary>
    public WorkId Looking { get; init; }

    /// <summary>What it would run for now; null when nobody looked yet.</summary>
    public DeployKey? Key { get; init; }

    /// <summary>What it reads as it was looked at last, with what changed since; null when anything may have changed.</summary>
    public KnownDeps? Known { get; init; }

    /// <summary>Why it is looked at, or runs.</summary>
    public ImmutableArray<RunReason> Reasons { get; init; } = [new RunReason.FirstRun()];
}

/// <summary>What a local command read before.</summary>
/// <param name="Changed">What may have changed since; relative to the project, or absolute.</param>
public sealed record KnownDeps(ContextSnapshot Snapshot, ImmutableSortedSet<string> Changed)
{
    /// <summary>More changes than that are not counted up: reading everything costs no more.</summary>
    private const int MostChanges = 10_000;

    public static KnownDeps Of(ContextSnapshot snapshot) => new(snapshot, ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    /// <summary>With more that changed; null when it is too much to be told one by one.</summary>
    public KnownDeps? With(IEnumerable<string> changed) => Changed.Union(changed) is { Count: <= MostChanges } all ? this with { Changed = all } : null;
}

/// <summary>What running a local command gave.</summary>
public abstract record LocalOutcome
{
    private LocalOutcome() { }

    /// <summary>It ended well, and what it serves has started.</summary>
    public sealed record Ran : LocalOutcome;

    public sealed record Failed(ImmutableArray<Diagnostic> Diagnostics) : LocalOutcome;
}
