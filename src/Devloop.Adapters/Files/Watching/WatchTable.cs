using System.Runtime.InteropServices;

namespace Devloop.Adapters.Files.Watching;

/// <summary>
/// Which watch stands for which directory. Trees are watched whole; the nearest directory above a root is an anchor, watched only
/// for the name that leads to the root, so that a root that is deleted and made again is found again.
/// </summary>
internal sealed class WatchTable(int handle, string[] roots, Action<string> report)
{
    private const int NoSpace = 28; // ENOSPC

    private readonly Dictionary<int, string> _paths = [];
    private readonly Dictionary<string, int> _trees = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _anchors = [];

    /// <summary>Watches every root that is there, and waits at the nearest directory above each.</summary>
    public void EnsureRoots(bool report)
    {
        foreach (string root in roots)
            EnsureRoot(root, report);
    }

    /// <summary>The system took a watch away.</summary>
    public void Forget(int watch)
    {
        if (_paths.Remove(watch, out string? path))
        {
            _trees.Remove(path);
            if (roots.Contains(path))
                EnsureRoot(path, report: true);
        }
        if (_anchors.Remove(watch, out string? anchor))
        {
            foreach (string root in roots.Where(r => WatchedPath.IsBelow(r, anchor)))
                EnsureRoot(root, report: true);
        }
    }

    /// <summary>Something happened to a watched directory itself.</summary>
    public void OnSelf(int watch, InotifyMask mask)
    {
        if (!_paths.TryGetValue(watch, out string? path) || !roots.Contains(path))
            return; // the directory above tells it by name
        report(path);
        if ((mask & InotifyMask.MoveSelf) == 0)
            return;
        RemoveTree(path);
        EnsureRoot(path, report: true);
    }

    /// <summary>Something happened to an entry of a watched directory.</summary>
    public void OnEntry(int watch, InotifyMask mask, string name)
    {
        if (_paths.TryGetValue(watch, out string? directory))
        {
            string path = Path.Combine(directory, name);
            report(path);
            if ((mask & InotifyMask.IsDirectory) == 0)
                return;
            if ((mask & (InotifyMask.Create | InotifyMask.MovedTo)) != 0)
                AddTree(path, isRoot: false, reportAll: true);
            else if ((mask & InotifyMask.MovedFrom) != 0)
                RemoveTree(path);
        }
        else if (_anchors.TryGetValue(watch, out string? anchor))
        {
            string path = Path.Combine(anchor, name);
            foreach (string root in roots.Where(r => r == path || WatchedPath.IsBelow(r, path)))
            {
                report(root);
                EnsureRoot(root, report: true);
            }
        }
    }

    private void EnsureRoot(string root, bool report)
    {
        if (AddTree(root, isRoot: true, reportAll: report))
        {
            AddAnchor(Path.GetDirectoryName(root));
            return;
        }
        for (string? above = Path.GetDirectoryName(root); above is not null; above = Path.GetDirectoryName(above))
        {
            if (!AddAnchor(above))
                continue;
            // What was made after the first look and before the anchor stood is found by a second look.
            string next = Path.Combine(above, Path.GetRelativePath(above, root).Split(Path.DirectorySeparatorChar)[0]);
            if (Directory.Exists(next))
                EnsureRoot(root, report);
            return;
        }
    }

    private bool AddAnchor(string? directory)
    {
        if (directory is null)
            return false;
        int watch = NativeMethods.InotifyAddWatch(handle, directory, (uint)InotifyMask.Anchor);
        if (watch < 0)
            return NotAdded(directory);
        _anchors[watch] = directory;
        return true;
    }

    /// <summary>False when the directory is not there, or closed to us.</summary>
    private bool AddTree(string top, bool isRoot, bool reportAll)
    {
        if (!AddWatch(top, follow: isRoot))
            return false;
        var open = new Stack<string>([top]);
        while (open.TryPop(out string? directory))
        {
            foreach ((string path, bool isDirectory) in WatchedPath.Entries(directory))
            {
                if (reportAll)
                    report(path);
                if (isDirectory && AddWatch(path, follow: false))
                    open.Push(path);
            }
        }
        return true;
    }

    private bool AddWatch(string directory, bool follow)
    {
        int watch = NativeMethods.InotifyAddWatch(handle, directory, (uint)(InotifyMask.Tree | (follow ? 0 : InotifyMask.DontFollow)));
        if (watch < 0)
            return NotAdded(directory);
        _paths[watch] = directory;
        _trees[directory] = watch;
        return true;
    }

    private static bool NotAdded(string directory) =>
        Marshal.GetLastPInvokeError() == NoSpace ? throw WatchLimit.Watches(directory) : false;

    private void RemoveTree(string top)
    {
        foreach (string directory in _trees.Keys.Where(d => d == top || WatchedPath.IsBelow(d, top)).ToArray())
        {
            _trees.Remove(directory, out int watch);
            _paths.Remove(watch);
            if (!_anchors.ContainsKey(watch))
                NativeMethods.InotifyRemoveWatch(handle, watch);
        }
    }
}
