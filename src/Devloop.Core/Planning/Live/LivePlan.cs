using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Whether a container's process has to be started again for a change.</summary>
public enum RestartNeed
{
    No,

    /// <summary>Unless what runs in the container notices by itself.</summary>
    IfUnnoticed,

    Yes,
}

/// <summary>Why something cannot be given to running containers, so that the image has to be built.</summary>
/// <param name="Path">The file it is about, relative to the project; null when it is about none.</param>
/// <param name="Text">A few words, lower case, no full stop, that say what stands in the way, such as <c>`RUN make` may read it</c>.</param>
/// <param name="File">Where that is written; null when nowhere.</param>
/// <param name="Line">From 1.</param>
public sealed record LiveObstacle(string? Path, string Text, string? File, int? Line);

/// <summary>What it takes to bring a container from one content to another.</summary>
public abstract record LivePlan
{
    private LivePlan() { }

    /// <param name="Entries">In an order in which they can be written one after the other: a directory before what is in it. Empty when nothing is to be changed.</param>
    /// <param name="Runs">What is run in the container then, in that order.</param>
    /// <param name="Paths">The files of the contexts that it is about.</param>
    public sealed record Update(ImmutableArray<OverlayEntry> Entries, ImmutableArray<CommandWords> Runs, RestartNeed Restart, ImmutableArray<LivePath> Paths) : LivePlan
    {
        public static Update Nothing { get; } = new([], [], RestartNeed.No, []);

        /// <summary>What is sent from here and where it goes, for people; a path that is taken away has no source.</summary>
        public ImmutableArray<LiveMove> Moves { get; init; } = [];
    }

    public sealed record Build(LiveObstacle Why) : LivePlan;
}

/// <param name="From">Relative to the project.</param>
/// <param name="To">Absolute in the container.</param>
public readonly record struct LiveMove(string From, string To);

/// <summary>What edits would do that are only thought of.</summary>
/// <param name="Obstacle">Why the image would be built; null when containers could be given all of it.</param>
public sealed record LiveForecast(ImmutableArray<LiveMove> Moves, RestartNeed Restart, LiveObstacle? Obstacle);
