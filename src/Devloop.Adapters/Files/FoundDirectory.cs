using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Adapters.Files;

/// <summary>What a walk found in one directory; what of it is still to be hashed is hashed later, and then it becomes a node.</summary>
/// <param name="isInput">False when it counts only if it holds an input.</param>
/// <param name="changed">What of it is to be looked at.</param>
/// <param name="before">What it held before; null when all of it is to be read.</param>
internal sealed class FoundDirectory(string name, string path, FileStatus status, bool isInput, ChangedPaths changed, ContextNode.Directory? before)
{
    /// <summary>Relative to the context; empty for the context itself.</summary>
    public string Path => path;

    public ChangedPaths Changed => changed;

    /// <summary>Null: every name is listed and looked at.</summary>
    public ContextNode.Directory? Before => changed.Everything ? null : before;

    /// <summary>In no order.</summary>
    public FoundEntry[] Entries { get; set; } = [];

    /// <summary>After <see cref="Close"/>; null when it holds no input and is none itself.</summary>
    public ContextNode.Directory? Node { get; private set; }

    public string PathOf(string entry) => path.Length == 0 ? entry : path + "/" + entry;

    /// <summary>Everything in it is known, and the directories in it are closed.</summary>
    public void Close()
    {
        var children = ImmutableArray.CreateBuilder<ContextNode>(Entries.Length);
        foreach (FoundEntry entry in Entries)
        {
            if ((entry.Node ?? entry.Below?.Node) is { } node)
                children.Add(node);
        }
        Entries = [];
        if (children.Count == 0 && !isInput)
            return;
        children.Sort((a, b) => NameOrder.Compare(a.Name, b.Name));
        Node = new ContextNode.Directory(name, status.Mode, status.Modified, children.DrainToImmutable());
    }
}

/// <summary>One entry of a <see cref="FoundDirectory"/>.</summary>
/// <param name="Node">What it is; null for a directory, and for a file that is not hashed yet.</param>
/// <param name="Below">For a directory that is walked.</param>
internal record struct FoundEntry(string Name, FileStatus Status, ContextNode? Node, FoundDirectory? Below)
{
    public readonly bool NeedsHash => Node is null && Below is null;
}
