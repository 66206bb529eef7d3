using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>A path of a context where two of its snapshots differ. A directory differs by its own mode; what is in it is told by itself.</summary>
/// <param name="Path">Relative to the context.</param>
internal readonly record struct LiveDifference(string Path, ContextNode? Before, ContextNode? After)
{
    public bool IsDirectory => Before is null or ContextNode.Directory && After is null or ContextNode.Directory;

    /// <summary>In the order of a walk. What both share is not looked at, so it costs what differs.</summary>
    public static IEnumerable<LiveDifference> Between(ContextSnapshot before, ContextSnapshot after) =>
        ContentDiff.Between(before.Tree, after.Tree, "").Select(d => new LiveDifference(d.Path, d.Before, d.Now));
}
