namespace Devloop.Adapters.BuildKit.Session;

/// <summary>
/// Picks from a source tree what the server asked for, in the same order: a directory comes before the first entry of it that
/// is picked, and only then. The server asks with patterns to include and exclude, and with paths whose links are followed.
/// </summary>
internal sealed class Narrowing
{
    private const int DeepestLinks = 64; // links that lead to links, as in fsutil

    private readonly SourceTree _tree;
    private readonly PathPatterns? _include;
    private readonly PathPatterns? _exclude;

    public Narrowing(SourceTree tree, IReadOnlyCollection<string> include, IReadOnlyCollection<string> exclude, IReadOnlyCollection<string> followPaths)
    {
        _tree = tree;
        var wanted = new List<string>(include);
        bool all = false;
        if (followPaths.Count > 0)
        {
            var resolved = new SortedSet<string>(StringComparer.Ordinal);
            ILookup<string, SourceEntry> links = tree.Entries.Where(e => e.LinkTarget is not null).ToLookup(e => Parent(e.Path), StringComparer.Ordinal);
            foreach (string path in followPaths)
                Follow(links, PathPatterns.Clean(path), resolved, 0);
            all = resolved.Contains("");
            wanted.AddRange(resolved);
        }
        if (wanted.Count > 0 && !all)
            _include = new PathPatterns(wanted);
        if (exclude.Count > 0)
            _exclude = new PathPatterns(exclude);
    }

    public IEnumerable<SourceEntry> Entries()
    {
        if (_include is null && _exclude is null)
            return _tree.Entries;
        return Picked();
    }

    private IEnumerable<SourceEntry> Picked()
    {
        var open = new Stack<OpenDirectory>();
        string? pruned = null;
        foreach (SourceEntry entry in _tree.Entries)
        {
            if (pruned is not null && entry.Path.StartsWith(pruned, StringComparison.Ordinal))
                continue;
            while (open.TryPeek(out OpenDirectory? top) && !entry.Path.StartsWith(top.Prefix, StringComparison.Ordinal))
                open.Pop();
            open.TryPeek(out OpenDirectory? parent);

            bool[]? includeState = null, excludeState = null;
            bool included = _include is null || _include.Matches(entry.Path, parent?.IncludeState, out includeState);
            bool excluded = _exclude is not null && _exclude.Matches(entry.Path, parent?.ExcludeState, out excludeState);
            bool picked = included && !excluded;
            if (picked)
            {
                foreach (OpenDirectory directory in open.Reverse().Where(d => !d.Sent))
                {
                    yield return directory.Entry;
                    directory.Sent = true;
                }
                yield return entry;
            }
            if (!entry.IsDirectory)
                continue;
            if (CanHoldPicked(entry.Path, included, excluded))
                open.Push(new OpenDirectory(entry, includeState, excludeState) { Sent = picked });
            else
                pruned = entry.Path + "/";
        }
    }

    private bool CanHoldPicked(string directory, bool included, bool excluded) =>
        (included || !_include!.AllPlainPrefixes || _include.MayMatchBelow(directory))
        && (!excluded || (_exclude!.HasNegated && (!_exclude.NegatedArePlainPrefixes || _exclude.MayBringBackBelow(directory))));

    /// <summary>
    /// Adds a path and, where a part of it is a link, the path that it leads to. A pattern stays a pattern, but links among what
    /// its last part matches are followed too.
    /// </summary>
    private static void Follow(ILookup<string, SourceEntry> links, string path, SortedSet<string> resolved, int depth)
    {
        if (depth > DeepestLinks || path.Length == 0)
        {
            resolved.Add(path);
            return;
        }
        string[] parts = path.Split('/');
        string current = "";
        for (int i = 0; i < parts.Length; i++)
        {
            string parent = current;
            current = parent.Length == 0 ? parts[i] : parent + "/" + parts[i];
            var pattern = new PathPatterns([current]);
            SourceEntry[] here = [.. links[parent].Where(link => pattern.Matches(link.Path, null, out _))];
            if (here.Length == 0)
                continue;
            if (!resolved.Add(current))
                return;
            string rest = string.Join('/', parts.Skip(i + 1));
            foreach (SourceEntry link in here)
            {
                string target = link.LinkTarget!.StartsWith('/') ? link.LinkTarget : parent + "/" + link.LinkTarget;
                Follow(links, PathPatterns.Clean(target + "/" + rest), resolved, depth + 1);
            }
            return;
        }
        resolved.Add(current);
    }

    private static string Parent(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    private sealed record OpenDirectory(SourceEntry Entry, bool[]? IncludeState, bool[]? ExcludeState)
    {
        public string Prefix { get; } = Entry.Path + "/";

        public bool Sent { get; set; }
    }
}
