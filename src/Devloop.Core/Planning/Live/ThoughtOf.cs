using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Makes a context of paths alone, for edits that are only thought of: each is a file, whatever it holds.</summary>
internal static class ThoughtOf
{
    private const int FileMode = 0x1A4, DirectoryMode = 0x1ED;

    /// <param name="root">The context's directory, absolute.</param>
    /// <param name="paths">Relative to the context.</param>
    public static ContextSnapshot Files(string root, IEnumerable<string> paths) =>
        new(root, Directory("", [.. paths.Select(p => p.Split('/'))], 0));

    private static ContextNode.Directory Directory(string name, string[][] paths, int depth)
    {
        var children = new SortedDictionary<string, ContextNode>(Comparer<string>.Create(NameOrder.Compare));
        foreach (IGrouping<string, string[]> child in paths.Where(p => p.Length > depth).GroupBy(p => p[depth], StringComparer.Ordinal))
        {
            bool isDirectory = child.Any(p => p.Length > depth + 1);
            children[child.Key] = isDirectory ? Directory(child.Key, [.. child], depth + 1) : new ContextNode.File(child.Key, FileMode, 0, 0, default);
        }
        return new ContextNode.Directory(name, DirectoryMode, 0, [.. children.Values]);
    }
}
