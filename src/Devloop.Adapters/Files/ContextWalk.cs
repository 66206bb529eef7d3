using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>What a walk found; content is not read yet.</summary>
internal readonly record struct FoundEntry(string Path, FileStatus Status, string? LinkTarget);

/// <summary>One walk: lists in BuildKit's order what the filter includes, with the directories that hold it.</summary>
internal sealed class ContextWalk(string root, IInputFilter filter, CancellationToken cancellationToken)
{
    private readonly List<FoundEntry> _parents = [];
    private int _parentsListed;

    public List<FoundEntry> Found { get; } = [];

    /// <summary>Null when all went well.</summary>
    public ContextReading.Unreadable? Run()
    {
        try
        {
            if (FileStatus.Of(root, follow: true) is not { } status)
                return new ContextReading.Unreadable("", "no such directory");
            return status.Kind == StatusKind.Directory ? List("") : new ContextReading.Unreadable("", "not a directory");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ContextReading.Unreadable("", Reasons.Of(e));
        }
    }

    private ContextReading.Unreadable? List(string directory)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<string> names;
        try
        {
            names = DirectoryNames.Of(Path.Combine(root, directory));
        }
        catch (DirectoryNotFoundException) when (directory.Length > 0)
        {
            return null; // it vanished, or became something else
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ContextReading.Unreadable(directory, Reasons.Of(e));
        }
        names.Sort(DirectoryNames.CompareAsUtf8);
        foreach (string name in names)
        {
            if (Take(directory.Length == 0 ? name : directory + "/" + name) is { } unreadable)
                return unreadable;
        }
        return null;
    }

    private ContextReading.Unreadable? Take(string path)
    {
        FileStatus status;
        string? link = null;
        try
        {
            string full = Path.Combine(root, path);
            if (FileStatus.Of(full) is not { } found)
            {
                // A name that is not UTF-8 comes with replacement characters and cannot be opened by that name.
                return path.Contains('\uFFFD') && filter.Judge(path, EntryKind.File) == InputVerdict.Include
                    ? new ContextReading.Unreadable(path, "the name is not valid UTF-8") : null;
            }
            status = found;
            if (status.Kind == StatusKind.Symlink && (link = new FileInfo(full).LinkTarget) is null)
                return null; // it vanished, or is a link no more
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ContextReading.Unreadable(path, Reasons.Of(e));
        }
        if (status.Kind == StatusKind.Other)
            return null;

        EntryKind kind = status.Kind switch { StatusKind.Directory => EntryKind.Directory, StatusKind.Symlink => EntryKind.Symlink, _ => EntryKind.File };
        InputVerdict verdict = filter.Judge(path, kind);
        if (verdict == InputVerdict.Prune)
            return null;
        var entry = new FoundEntry(path, status, OperatingSystem.IsWindows() ? link?.Replace('\\', '/') : link);
        if (kind != EntryKind.Directory)
        {
            if (verdict == InputVerdict.Include)
            {
                ListParents();
                Found.Add(entry);
            }
            return null;
        }

        _parents.Add(entry);
        if (verdict == InputVerdict.Include)
            ListParents();
        ContextReading.Unreadable? below = List(path);
        _parents.RemoveAt(_parents.Count - 1);
        _parentsListed = Math.Min(_parentsListed, _parents.Count);
        return below;
    }

    /// <summary>Lists the open directories that are not listed yet.</summary>
    private void ListParents()
    {
        for (; _parentsListed < _parents.Count; _parentsListed++)
            Found.Add(_parents[_parentsListed]);
    }
}
