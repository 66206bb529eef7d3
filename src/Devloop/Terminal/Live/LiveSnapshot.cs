using System.Collections.Immutable;
using Devloop.Engine;

namespace Devloop.Cli.Terminal.Live;

/// <summary>What the live block shows at one moment.</summary>
/// <param name="Rows">The most important first: what does not fit is counted only.</param>
/// <param name="Sum">Such as <c>3 of 5 images, 1 of 3 resources</c>.</param>
/// <param name="Began">Since when something is done; null when nothing is left to do.</param>
public sealed record LiveSnapshot(ImmutableArray<LiveRow> Rows, string Sum, TimeSpan? Began)
{
    /// <summary>The picture changes by time alone.</summary>
    public bool Ticks => Began is not null || Rows.Any(r => r.Began is not null);
}

/// <param name="Place">Such as <c>[2/5]</c>; empty when there is none.</param>
/// <param name="Moved">How far its transfer is.</param>
/// <param name="Began">When it began, if it is timed.</param>
public sealed record LiveRow(LiveTone Tone, string Name, string Place, string Text, Moved? Moved = null, TimeSpan? Began = null);

public enum LiveTone
{
    Running,
    Waiting,
    Good,
    Bad,
}
