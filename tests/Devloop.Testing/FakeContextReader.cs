using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Reads contexts of a <see cref="FakeFileTree"/>. An update looks at what it is told to and at nothing else, as the real one does.</summary>
public sealed class FakeContextReader(FakeFileTree tree) : IContextReader
{
    /// <summary>The changed paths of every update so far; null for a reading of everything.</summary>
    public ConcurrentQueue<ImmutableArray<string>?> Readings { get; } = [];

    public Task<ContextReading> ReadAsync(string contextDirectory, IInputFilter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Readings.Enqueue(null);
        return Task.FromResult(ReadAll(contextDirectory, filter));
    }

    public Task<ContextReading> UpdateAsync(ContextSnapshot previous, IInputFilter filter, IReadOnlyCollection<string> changed, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Readings.Enqueue([.. changed]);
        if (changed.Count == 0)
            return Task.FromResult<ContextReading>(new ContextReading.Read(previous));
        if (ReadAll(previous.Root!, filter) is not ContextReading.Read { Snapshot: var now })
            return Task.FromResult(ReadAll(previous.Root!, filter));
        bool Touched(string path) => changed.Any(c => c.Length == 0 || c == path || IsBelow(path, c));
        bool Leads(ContextEntry entry) => entry.Kind == EntryKind.Directory && changed.Any(c => IsBelow(c, entry.Path));
        ContextEntry[] entries =
        [
            .. previous.Entries.Where(e => !Touched(e.Path) && !Leads(e)),
            .. now.Entries.Where(e => Touched(e.Path) || Leads(e)),
        ];
        return Task.FromResult<ContextReading>(new ContextReading.Read(Snapshots.Of(previous.Root!, entries)));
    }

    private ContextReading ReadAll(string contextDirectory, IInputFilter filter) => tree.KindOf(contextDirectory) switch
    {
        PathKind.Directory => Read(contextDirectory, filter),
        PathKind.Missing => new ContextReading.Unreadable("", "no such directory"),
        _ => new ContextReading.Unreadable("", "not a directory"),
    };

    private ContextReading Read(string contextDirectory, IInputFilter filter)
    {
        string root = contextDirectory.StartsWith('/') ? contextDirectory.TrimEnd('/') : contextDirectory is "." or "" ? tree.Root : tree.Root + "/" + contextDirectory.TrimEnd('/');
        var files = tree.Snapshot(contextDirectory).Select(f => (Path: f.Key[(root.Length + 1)..], File: f.Value)).OrderBy(f => f.Path, Comparer<string>.Create(NameOrder.ComparePaths));
        var found = new Dictionary<string, ContextEntry>(StringComparer.Ordinal);
        var verdicts = new Dictionary<string, InputVerdict>(StringComparer.Ordinal);
        foreach ((string path, FakeFile file) in files)
        {
            string[] parts = path.Split('/');
            string[] parents = [.. Enumerable.Range(1, parts.Length - 1).Select(n => string.Join('/', parts.Take(n)))];
            bool pruned = false;
            for (int i = 0; i < parents.Length && !pruned; i++)
            {
                if (!verdicts.TryGetValue(parents[i], out InputVerdict verdict))
                    verdicts[parents[i]] = verdict = filter.Judge(parents[i], EntryKind.Directory);
                pruned = verdict == InputVerdict.Prune;
                if (verdict == InputVerdict.Include)
                    AddDirectories(found, parents.Take(i + 1));
            }
            if (pruned || filter.Judge(path, file.Target is null ? EntryKind.File : EntryKind.Symlink) != InputVerdict.Include)
                continue;
            if (file.Reason is not null)
                return new ContextReading.Unreadable(path, file.Reason);
            AddDirectories(found, parents);
            found[path] = new ContextEntry(path, file.Target is { } target
                ? new ContextNode.Link(parts[^1], file.Modified, target)
                : new ContextNode.File(parts[^1], 0x1A4, file.Modified, file.Content.Length, ContentHash.Of(file.Content)));
        }
        return new ContextReading.Read(Snapshots.Of(root, found.Values));
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static void AddDirectories(Dictionary<string, ContextEntry> found, IEnumerable<string> directories)
    {
        foreach (string directory in directories)
            found.TryAdd(directory, Snapshots.Directory(directory));
    }
}
