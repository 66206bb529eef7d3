using Devloop.Model;

namespace Devloop.Testing;

/// <summary>Snapshots from lists of entries, for tests.</summary>
public static class Snapshots
{
    /// <param name="entries">In any order; a directory that is missing and holds one of them is made up. What a file or a link would hold is left out.</param>
    public static ContextSnapshot Of(string root, IEnumerable<ContextEntry> entries) =>
        new(root, Directory(new ContextNode.Directory("", 0, 0, []), "", [.. entries.OrderBy(e => e.Path, Comparer<string>.Create(NameOrder.ComparePaths))]));

    public static ContextEntry File(string path, string content, int mode = 0x1A4, long modified = 0) =>
        new(path, new ContextNode.File(NameOf(path), mode, modified, content.Length, ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(content))));

    public static ContextEntry Link(string path, string target, long modified = 0) => new(path, new ContextNode.Link(NameOf(path), modified, target));

    public static ContextEntry Directory(string path, int mode = 0x1ED) => new(path, new ContextNode.Directory(NameOf(path), mode, 0, []));

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static ContextNode.Directory Directory(ContextNode itself, string prefix, ContextEntry[] below)
    {
        var children = new List<ContextNode>();
        foreach (IGrouping<string, ContextEntry> child in below.GroupBy(e => e.Path[prefix.Length..].Split('/')[0]))
        {
            string path = prefix + child.Key;
            ContextNode node = child.FirstOrDefault(e => e.Path == path).Node ?? new ContextNode.Directory(child.Key, 0x1ED, 0, []);
            children.Add(node is ContextNode.Directory ? Directory(node, path + "/", [.. child.Where(e => e.Path != path)]) : node);
        }
        return new ContextNode.Directory(itself.Name, itself.Mode, itself.ModifiedNanoseconds, [.. children.OrderBy(c => c.Name, Comparer<string>.Create(NameOrder.Compare))]);
    }
}
