using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Engine;

/// <summary>One step of a build, as far as it is known.</summary>
/// <param name="Id">The builder's own.</param>
/// <param name="Began">When it was told, in the time of who listens.</param>
public sealed record BuildStep(string Id, StepName Name, TimeSpan Began)
{
    public StepOutcome Outcome { get; init; } = StepOutcome.Running;

    /// <summary>As the builder measured it; zero while it runs, and for what was cached.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Its transfers whose size is known, by their names.</summary>
    internal ImmutableSortedDictionary<string, Moved> Transfers { get; init; } = ImmutableSortedDictionary<string, Moved>.Empty;

    /// <summary>The sum of its transfers; null while it has none whose size is known.</summary>
    public Moved? Moved => Transfers.IsEmpty ? null : new Moved(Transfers.Values.Sum(t => t.Current), Transfers.Values.Sum(t => t.Total));
}

public enum StepOutcome
{
    Running,
    Built,
    Cached,
    Failed,

    /// <summary>The build ended before it did.</summary>
    Stopped,
}

/// <summary>How far a transfer is, in bytes.</summary>
/// <param name="Total">Above 0. Of a pull it grows as its layers become known.</param>
public readonly record struct Moved(long Current, long Total)
{
    /// <summary>From 0 to 100; 100 only when all is there.</summary>
    public int Percent => (int)Math.Clamp(Current * 100 / Math.Max(Total, 1), 0, 100);
}
