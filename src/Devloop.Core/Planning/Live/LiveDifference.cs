using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>A path of a context where two of its snapshots differ. A directory differs by its own mode; what is in it is told by itself.</summary>
/// <param name="Path">Relative to the context.</param>
internal readonly record struct LiveDifference(string Path, ContextNode? Before, ContextNode? After)
{
    public bool IsDirectory => Before is null or ContextNode.Directory && After is null or ContextNode.Directory;

    /// <summary>In the order of a walk. What both share is not looked at, so it costs what differs.</summary>
    public static IEnumerable<LiveDifference> Between(ContextSnapshot before, ContextSnapshot after) => Between(before.Tree, after.Tree, "");

    private static IEnumerable<LiveDifference> Between(ContextNode.Directory? before, ContextNode.Directory? after, string prefix)
    {
        if (ReferenceEquals(before, after) || before?.Hash == after?.Hash)
            yield break;
        int b = 0, a = 0;
        while (b < (before?.Children.Length ?? 0) && a < (after?.Children.Length ?? 0) && ReferenceEquals(before!.Children[b], after!.Children[a]))
            (b, a) = (b + 1, a + 1);
        while (b < (before?.Children.Length ?? 0) || a < (after?.Children.Length ?? 0))
        {
            ContextNode? old = b < (before?.Children.Length ?? 0) ? before!.Children[b] : null;
            ContextNode? now = a < (after?.Children.Length ?? 0) ? after!.Children[a] : null;
            if (ReferenceEquals(old, now))
            {
                (b, a) = (b + 1, a + 1);
                continue;
            }
            int order = old is null ? 1 : now is null ? -1 : NameOrder.Compare(old.Name, now.Name);
            (old, now) = order < 0 ? (old, null) : order > 0 ? (null, now) : (old, now);
            b += old is null ? 0 : 1;
            a += now is null ? 0 : 1;
            string path = prefix + (old ?? now)!.Name;
            if (!AreSame(old, now))
                yield return new LiveDifference(path, old, now);
            foreach (LiveDifference below in Between(old as ContextNode.Directory, now as ContextNode.Directory, path + "/"))
                yield return below;
        }
    }

    private static bool AreSame(ContextNode? old, ContextNode? now) => (old, now) switch
    {
        (ContextNode.File x, ContextNode.File y) => x.Hash == y.Hash && x.Mode == y.Mode,
        (ContextNode.Link x, ContextNode.Link y) => x.Target == y.Target,
        (ContextNode.Directory x, ContextNode.Directory y) => x.Mode == y.Mode,
        _ => false,
    };
}
