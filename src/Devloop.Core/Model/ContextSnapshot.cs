using System.Text;

namespace Devloop.Model;

/// <summary>One entry of a build context with its place.</summary>
/// <param name="Path">Relative to the context, with <c>/</c>.</param>
public readonly record struct ContextEntry(string Path, ContextNode Node)
{
    public EntryKind Kind => Node.Kind;

    public int Mode => Node.Mode;

    /// <summary>Bytes of a file, or of a link's target in UTF-8; 0 for a directory.</summary>
    public long Size => Node switch { ContextNode.File file => file.Size, ContextNode.Link link => Encoding.UTF8.GetByteCount(link.Target), _ => 0 };

    public long ModifiedNanoseconds => Node.ModifiedNanoseconds;

    /// <summary>The text of a symbolic link; null for other kinds.</summary>
    public string? LinkTarget => (Node as ContextNode.Link)?.Target;

    /// <summary>Of a file's content; null for other kinds.</summary>
    public ContentHash? Hash => (Node as ContextNode.File)?.Hash;
}

/// <summary>The inputs of an image at one moment.</summary>
/// <param name="Root">The absolute path of the context directory; null for the empty context.</param>
/// <param name="Tree">The context itself; its name is empty.</param>
public sealed record ContextSnapshot(string? Root, ContextNode.Directory Tree)
{
    public static ContextSnapshot Empty { get; } = new(null, new ContextNode.Directory("", 0, 0, []));

    /// <summary>Another as soon as a name, kind, mode, content or link target is; no time and no root goes into it.</summary>
    public ContentHash Hash => Tree.Hash;

    /// <summary>In the order BuildKit wants them: depth first, siblings by <see cref="NameOrder"/>.</summary>
    public IEnumerable<ContextEntry> Entries => Walk(linksOnly: false);

    public IEnumerable<ContextEntry> Files => Entries.Where(e => e.Kind == EntryKind.File);

    /// <summary>The symbolic links, in the same order; directories without any are not entered.</summary>
    public IEnumerable<ContextEntry> Links => Walk(linksOnly: true);

    /// <summary>What stands at a path; null when nothing does.</summary>
    /// <param name="path">Relative to the context, with <c>/</c>.</param>
    public ContextNode? Find(string path)
    {
        ContextNode? node = Tree;
        foreach (string part in path.Split('/'))
            node = (node as ContextNode.Directory)?.Child(part);
        return node;
    }

    /// <summary>Every path whose last part is a name, and the one that would be at the top.</summary>
    public IEnumerable<string> PathsOf(string name)
    {
        yield return name;
        var open = new Stack<(string Prefix, ContextNode.Directory Directory)>();
        open.Push(("", Tree));
        while (open.TryPop(out (string Prefix, ContextNode.Directory Directory) at))
        {
            if (at.Prefix.Length > 0 && at.Directory.Child(name) is not null)
                yield return at.Prefix + name;
            if (!at.Directory.HoldsDirectories)
                continue;
            foreach (ContextNode child in at.Directory.Children)
            {
                if (child is ContextNode.Directory below)
                    open.Push((at.Prefix + below.Name + "/", below));
            }
        }
    }

    private IEnumerable<ContextEntry> Walk(bool linksOnly)
    {
        var open = new Stack<(string Prefix, ContextNode.Directory Directory, int Next)>();
        open.Push(("", Tree, 0));
        while (open.TryPop(out (string Prefix, ContextNode.Directory Directory, int Next) at))
        {
            if (at.Next == at.Directory.Children.Length)
                continue;
            open.Push(at with { Next = at.Next + 1 });
            ContextNode child = at.Directory.Children[at.Next];
            if (linksOnly && child is ContextNode.File or ContextNode.Directory { Links: 0 })
                continue;
            string path = at.Prefix + child.Name;
            if (!linksOnly || child is ContextNode.Link)
                yield return new ContextEntry(path, child);
            if (child is ContextNode.Directory below)
                open.Push((path + "/", below, 0));
        }
    }
}
