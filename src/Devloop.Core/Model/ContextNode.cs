using System.Collections.Immutable;

namespace Devloop.Model;

public enum EntryKind
{
    File,
    Directory,
    Symlink,
}

/// <summary>
/// A part of a build context as it was read; never changes, so that snapshots share what they have in common. What is hashed is what is sent.
/// </summary>
/// <param name="Name">One part of a path; empty for the context itself.</param>
/// <param name="Mode">Permission bits with setuid, setgid and sticky, as in <c>chmod(2)</c>: 0 to 07777. 0755 where the system has none.</param>
/// <param name="ModifiedNanoseconds">Since 1970, for the transfer only; never part of a hash.</param>
public abstract record ContextNode(string Name, int Mode, long ModifiedNanoseconds)
{
    private const int LinkMode = 0x1FF;

    /// <param name="Size">In bytes.</param>
    public sealed record File(string Name, int Mode, long ModifiedNanoseconds, long Size, ContentHash Hash) : ContextNode(Name, Mode, ModifiedNanoseconds);

    /// <param name="Target">The link's text.</param>
    public sealed record Link(string Name, long ModifiedNanoseconds, string Target) : ContextNode(Name, LinkMode, ModifiedNanoseconds);

    public sealed record Directory : ContextNode
    {
        /// <param name="children">Sorted by <see cref="NameOrder"/>, each name once.</param>
        public Directory(string name, int mode, long modifiedNanoseconds, ImmutableArray<ContextNode> children)
            : base(name, mode, modifiedNanoseconds)
        {
            Children = children;
            Hash = TreeHash.Of(children);
            foreach (ContextNode child in children)
            {
                Links += child is Link ? 1 : child is Directory directory ? directory.Links : 0;
                HoldsDirectories |= child is Directory;
            }
        }

        public ImmutableArray<ContextNode> Children { get; }

        /// <summary>Of all that is in it, at any depth: names, kinds, modes, contents and targets of links. Its own name and mode belong to what holds it.</summary>
        public ContentHash Hash { get; }

        /// <summary>How many links are in it, at any depth.</summary>
        public int Links { get; }

        /// <summary>False when nothing is below its own entries.</summary>
        public bool HoldsDirectories { get; }

        /// <summary>What is in it under a name; null when nothing is.</summary>
        public ContextNode? Child(string name)
        {
            int low = 0, high = Children.Length - 1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                int order = NameOrder.Compare(Children[middle].Name, name);
                if (order == 0)
                    return Children[middle];
                (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
            }
            return null;
        }

        /// <summary>Whether the same links lead to the same places; what two directories share is not looked through.</summary>
        public bool HasLinksOf(Directory other)
        {
            if (ReferenceEquals(this, other) || (Links == 0 && other.Links == 0))
                return true;
            if (Links != other.Links)
                return false;
            using IEnumerator<ContextNode> theirs = other.Children.Where(HoldsLinks).GetEnumerator();
            foreach (ContextNode mine in Children.Where(HoldsLinks))
            {
                if (!theirs.MoveNext() || mine.Name != theirs.Current.Name)
                    return false;
                bool same = (mine, theirs.Current) switch
                {
                    (Link a, Link b) => a.Target == b.Target,
                    (Directory a, Directory b) => a.HasLinksOf(b),
                    _ => false,
                };
                if (!same)
                    return false;
            }
            return !theirs.MoveNext();
        }

        private static bool HoldsLinks(ContextNode node) => node is Link or Directory { Links: > 0 };
    }

    public EntryKind Kind => this switch { File => EntryKind.File, Directory => EntryKind.Directory, _ => EntryKind.Symlink };
}
