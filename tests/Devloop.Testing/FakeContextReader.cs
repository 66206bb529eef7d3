using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Reads contexts of a <see cref="FakeFileTree"/>.</summary>
public sealed class FakeContextReader(FakeFileTree tree) : IContextReader
{
    public Task<ContextReading> ReadAsync(string contextDirectory, IInputFilter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(tree.KindOf(contextDirectory) switch
        {
            PathKind.Directory => Read(contextDirectory, filter),
            PathKind.Missing => new ContextReading.Unreadable("", "no such directory"),
            _ => new ContextReading.Unreadable("", "not a directory"),
        });
    }

    private ContextReading Read(string contextDirectory, IInputFilter filter)
    {
        ImmutableArray<KeyValuePair<string, FakeFile>> files = tree.Snapshot(contextDirectory);
        string root = contextDirectory.StartsWith('/') ? contextDirectory.TrimEnd('/') : contextDirectory is "." or "" ? tree.Root : tree.Root + "/" + contextDirectory.TrimEnd('/');
        var found = new SortedDictionary<string[], ContextEntry>(Comparer<string[]>.Create(Compare));
        var verdicts = new Dictionary<string, InputVerdict>(StringComparer.Ordinal);
        foreach ((string full, FakeFile file) in files.OrderBy(f => f.Key[(root.Length + 1)..].Split('/'), Comparer<string[]>.Create(Compare)))
        {
            string path = full[(root.Length + 1)..];
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
            found[parts] = file.Target is { } target
                ? new ContextEntry(path, EntryKind.Symlink, 0x1FF, Encoding.UTF8.GetByteCount(target), file.Modified, target, null)
                : new ContextEntry(path, EntryKind.File, 0x1A4, file.Content.Length, file.Modified, null, Convert.ToHexStringLower(SHA256.HashData(file.Content)));
        }
        return new ContextReading.Read(new ContextSnapshot(root, [.. found.Values]));
    }

    private static void AddDirectories(SortedDictionary<string[], ContextEntry> found, IEnumerable<string> directories)
    {
        foreach (string directory in directories)
            found.TryAdd(directory.Split('/'), new ContextEntry(directory, EntryKind.Directory, 0x1ED, 0, 0, null, null));
    }

    /// <summary>Depth first, siblings by the bytes of their UTF-8 names.</summary>
    private static int Compare(string[]? a, string[]? b)
    {
        for (int i = 0; i < Math.Min(a!.Length, b!.Length); i++)
        {
            int order = Encoding.UTF8.GetBytes(a[i]).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b[i]));
            if (order != 0)
                return order;
        }
        return a.Length - b.Length;
    }
}
