namespace Devloop.Adapters.Files.Watching;

/// <summary>What .NET offers, for systems without inotify. Its own buffer may overflow, which is told as such.</summary>
internal sealed class SystemWatcherSource : IDisposable
{
    private const int Buffer = 64 * 1024; // the most that network shares of Windows take

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly ChangeCollector _changes;

    private SystemWatcherSource(ChangeCollector changes) => _changes = changes;

    public static SystemWatcherSource Start(string[] roots, ChangeCollector changes)
    {
        var source = new SystemWatcherSource(changes);
        foreach (string root in roots.Where(Directory.Exists))
            source.Watch(root);
        return source;
    }

    public void Dispose()
    {
        foreach (FileSystemWatcher watcher in _watchers)
            watcher.Dispose();
    }

    private void Watch(string root)
    {
        var watcher = new FileSystemWatcher(root)
        {
            IncludeSubdirectories = true,
            InternalBufferSize = Buffer,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.Attributes | NotifyFilters.Security,
        };
        watcher.Changed += (_, e) => Add(e.FullPath);
        watcher.Deleted += (_, e) => Add(e.FullPath);
        watcher.Created += (_, e) => AddAll(e.FullPath);
        watcher.Renamed += (_, e) =>
        {
            Add(e.OldFullPath);
            AddAll(e.FullPath);
        };
        watcher.Error += (_, _) => _changes.Overflow();
        watcher.EnableRaisingEvents = true;
        _watchers.Add(watcher);
    }

    private void Add(string path)
    {
        if (!path.Split(Path.DirectorySeparatorChar).Contains(WatchedPath.Ignored))
            _changes.Add(path);
    }

    /// <summary>A directory may come with files in it, of which the system says nothing.</summary>
    private void AddAll(string path)
    {
        Add(path);
        if (!Directory.Exists(path))
            return;
        foreach ((string entry, bool isDirectory) in WatchedPath.Entries(path))
        {
            if (isDirectory)
                AddAll(entry);
            else
                Add(entry);
        }
    }
}
