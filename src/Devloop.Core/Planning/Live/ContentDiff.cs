using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>What differs between two contents. What both have in common is not looked through, so it costs what changed and not what is there.</summary>
public static class ContentDiff
{
    /// <summary>
    /// By image, and within one in the order of the tree: a directory before what is in it. One that comes or goes is told with all that is in
    /// it; one that stays is told when its own mode is another. Nothing is told of a context's own directory.
    /// </summary>
    public static IEnumerable<(LivePath Path, ContextNode? Before, ContextNode? Now)> Between(LiveContent from, LiveContent to)
    {
        foreach (ImageName image in from.Contexts.Keys.Union(to.Contexts.Keys).Order())
        {
            (ContextSnapshot? before, ContextSnapshot? now) = (from.Contexts.GetValueOrDefault(image), to.Contexts.GetValueOrDefault(image));
            foreach ((string path, ContextNode? old, ContextNode? current) in Between(before?.Tree, now?.Tree, ""))
                yield return (new LivePath(image, path), old, current);
        }
    }

    /// <summary>The same of two directories.</summary>
    internal static IEnumerable<(string Path, ContextNode? Before, ContextNode? Now)> Between(ContextNode.Directory? before, ContextNode.Directory? now, string prefix)
    {
        if (ReferenceEquals(before, now) || before?.Hash == now?.Hash)
            yield break;
        ImmutableArray<ContextNode> old = before?.Children ?? [], current = now?.Children ?? [];
        for (int i = 0, j = 0; i < old.Length || j < current.Length;)
        {
            int order = i == old.Length ? 1 : j == current.Length ? -1 : ReferenceEquals(old[i], current[j]) ? 0 : NameOrder.Compare(old[i].Name, current[j].Name);
            ContextNode? was = order <= 0 ? old[i++] : null, stands = order >= 0 ? current[j++] : null;
            if (ReferenceEquals(was, stands))
                continue;
            string path = prefix + (was ?? stands)!.Name;
            if (Differ(was, stands))
                yield return (path, was, stands);
            if (was is not ContextNode.Directory && stands is not ContextNode.Directory)
                continue;
            foreach ((string, ContextNode?, ContextNode?) below in Between(was as ContextNode.Directory, stands as ContextNode.Directory, path + "/"))
                yield return below;
        }
    }

    /// <summary>Whether two nodes stand for different things, whatever is in them.</summary>
    internal static bool Differ(ContextNode? one, ContextNode? other) => (one, other) switch
    {
        (ContextNode.File a, ContextNode.File b) => a.Hash != b.Hash || a.Mode != b.Mode,
        (ContextNode.Link a, ContextNode.Link b) => a.Target != b.Target,
        (ContextNode.Directory a, ContextNode.Directory b) => a.Mode != b.Mode,
        _ => one is not null || other is not null,
    };
}
