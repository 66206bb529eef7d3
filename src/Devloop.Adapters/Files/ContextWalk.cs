using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// One walk through a context: finds what the filter includes, a level of directories after the other, and takes over what did not change.
/// Files whose hash is not remembered are left to be hashed.
/// </summary>
internal sealed class ContextWalk(string root, IInputFilter filter, HashMemory hashes, CancellationToken cancellationToken)
{
    /// <summary>Fewer files than that, of fewer bytes, are hashed sooner than remembered hashes are fetched from the disk.</summary>
    private const int ManyFiles = 256;
    private const long ManyBytes = 16 << 20;

    private readonly ConcurrentQueue<ContextReading.Unreadable> _unreadable = [];
    private int _files;
    private long _bytes;

    /// <summary>A directory before those in it.</summary>
    public List<FoundDirectory> Directories { get; } = [];

    /// <summary>Null when all went well.</summary>
    public ContextReading.Unreadable? Run(ContextNode.Directory? before, ChangedPaths changed)
    {
        FileStatus status;
        try
        {
            if (FileStatus.Of(root, follow: true) is not { } found)
                return new ContextReading.Unreadable("", "no such directory");
            if (found.Kind != StatusKind.Directory)
                return new ContextReading.Unreadable("", "not a directory");
            status = found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ContextReading.Unreadable("", Reasons.Of(e));
        }
        Level([new FoundDirectory("", "", status, isInput: true, before is null ? ChangedPaths.All : changed, before)]);
        // The first in the order of the tree, so that the same trouble has the same message.
        return FirstOf(_unreadable);
    }

    public static ContextReading.Unreadable? FirstOf(IEnumerable<ContextReading.Unreadable> all) =>
        all.MinBy(u => u.Path, Comparer<string>.Create(NameOrder.ComparePaths));

    private void Level(List<FoundDirectory> level)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        while (level.Count > 0)
        {
            if (level.Count == 1)
                List(level[0]);
            else
                Parallel.ForEach(level, options, List);
            cancellationToken.ThrowIfCancellationRequested();
            Directories.AddRange(level);
            level = [.. level.SelectMany(d => d.Entries).Select(e => e.Below).OfType<FoundDirectory>()];
        }
    }

    private void List(FoundDirectory directory)
    {
        List<string> names;
        var entries = new List<FoundEntry>();
        if (directory.Before is { } before)
        {
            names = [.. directory.Changed.Below.Keys];
            foreach (ContextNode child in before.Children)
            {
                if (!directory.Changed.Below.ContainsKey(child.Name))
                    entries.Add(new FoundEntry(child.Name, default, child, null));
            }
        }
        else
        {
            try
            {
                names = DirectoryNames.Of(Path.Combine(root, directory.Path));
            }
            catch (DirectoryNotFoundException) when (directory.Path.Length > 0)
            {
                return; // it vanished, or became something else
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _unreadable.Enqueue(new ContextReading.Unreadable(directory.Path, Reasons.Of(e)));
                return;
            }
        }
        entries.EnsureCapacity(entries.Count + names.Count);
        using var open = new OpenDirectory(Path.Combine(root, directory.Path));
        foreach (string name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Look(directory, open, name) is { } entry)
                entries.Add(entry);
        }
        directory.Entries = [.. entries];
    }

    /// <summary>Null for what is not there, not an input, or not readable.</summary>
    private FoundEntry? Look(FoundDirectory directory, OpenDirectory open, string name)
    {
        string path = directory.PathOf(name);
        try
        {
            if (open.StatusOf(name) is not { } status)
            {
                // A name that is not UTF-8 comes with replacement characters and cannot be opened by that name.
                if (path.Contains('\uFFFD') && filter.Judge(path, EntryKind.File) == InputVerdict.Include)
                    _unreadable.Enqueue(new ContextReading.Unreadable(path, "the name is not valid UTF-8"));
                return null;
            }
            switch (status.Kind)
            {
                case StatusKind.Directory:
                    return filter.Judge(path, EntryKind.Directory) is var verdict and not InputVerdict.Prune
                        ? new FoundEntry(name, status, null, Enter(directory, name, path, status, verdict))
                        : null;
                case StatusKind.Symlink:
                    // Null when it vanished, or is a link no more.
                    return filter.Judge(path, EntryKind.Symlink) == InputVerdict.Include && new FileInfo(open.PathOf(name)).LinkTarget is { } target
                        ? new FoundEntry(name, status, new ContextNode.Link(name, status.Modified, OperatingSystem.IsWindows() ? target.Replace('\\', '/') : target), null)
                        : null;
                case StatusKind.File:
                    return filter.Judge(path, EntryKind.File) == InputVerdict.Include ? Look(name, path, status) : null;
                default:
                    return null; // sockets, pipes and devices are never opened
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unreadable.Enqueue(new ContextReading.Unreadable(path, Reasons.Of(e)));
            return null;
        }
    }

    private FoundEntry Look(string name, string path, FileStatus status)
    {
        if (Interlocked.Increment(ref _files) > ManyFiles | Interlocked.Add(ref _bytes, status.Size) > ManyBytes)
            hashes.Recall();
        return new FoundEntry(name, status, hashes.Find(path, status) is { } hash ? Node(name, status, hash) : null, null);
    }

    public static ContextNode.File Node(string name, FileStatus status, ContentHash hash) => new(name, status.Mode, status.Modified, status.Size, hash);

    /// <summary>A directory that was no input before, or none at all, is read whole.</summary>
    private static FoundDirectory Enter(FoundDirectory parent, string name, string path, FileStatus status, InputVerdict verdict)
    {
        var before = parent.Before?.Child(name) as ContextNode.Directory;
        ChangedPaths changed = parent.Before is null || before is null ? ChangedPaths.All : parent.Changed.Below[name];
        return new FoundDirectory(name, path, status, verdict == InputVerdict.Include, changed, before);
    }
}
