using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// Walks build contexts on disk. Sockets, pipes and devices are left out and never opened; links are listed with their text. A
/// file whose status did not change since it was hashed is not read again, in this process or, with a store, in another one.
/// </summary>
/// <param name="time">The clock that file times are compared with.</param>
/// <param name="store">Where hashes outlive the process; null: nowhere.</param>
public sealed class ContextReader(TimeProvider time, HashStore? store = null) : IContextReader, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, HashMemory> _hashes = new(StringComparer.Ordinal);

    public ContextReader()
        : this(TimeProvider.System)
    {
    }

    /// <summary>How many files were read so far; the others were remembered.</summary>
    public long FilesRead => _hashes.Values.Sum(h => h.FilesRead);

    public Task<ContextReading> ReadAsync(string contextDirectory, IInputFilter filter, CancellationToken cancellationToken) =>
        Task.Run(() => Read(Path.GetFullPath(contextDirectory), null, ChangedPaths.All, filter, cancellationToken), cancellationToken);

    public Task<ContextReading> UpdateAsync(ContextSnapshot previous, IInputFilter filter, IReadOnlyCollection<string> changed, CancellationToken cancellationToken)
    {
        string root = previous.Root ?? throw new ArgumentException("the empty context has no files", nameof(previous));
        return changed.Count == 0
            ? Task.FromResult<ContextReading>(new ContextReading.Read(previous))
            : Task.Run(() => Read(root, previous.Tree, ChangedPaths.Of(changed), filter, cancellationToken), cancellationToken);
    }

    /// <summary>What is worth to be remembered is written before the process ends.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (HashMemory hashes in _hashes.Values)
            await hashes.DisposeAsync().ConfigureAwait(false);
    }

    private ContextReading Read(string root, ContextNode.Directory? before, ChangedPaths changed, IInputFilter filter, CancellationToken cancellationToken)
    {
        HashMemory hashes = _hashes.GetOrAdd(root, r => new HashMemory(r, time, store));
        var walk = new ContextWalk(root, filter, hashes, cancellationToken);
        if (walk.Run(before, changed) is { } unreadable)
            return unreadable;
        if (Hash(root, walk.Directories, hashes, cancellationToken) is { } unhashed)
            return unhashed;
        for (int i = walk.Directories.Count - 1; i >= 0; i--)
            walk.Directories[i].Close();
        hashes.SaveIfWorthIt();
        return new ContextReading.Read(new ContextSnapshot(root, walk.Directories[0].Node!));
    }

    /// <summary>Null when all went well.</summary>
    private static ContextReading.Unreadable? Hash(string root, List<FoundDirectory> directories, HashMemory hashes, CancellationToken cancellationToken)
    {
        var open = new List<(FoundDirectory Directory, int Entry)>();
        foreach (FoundDirectory directory in directories)
        {
            for (int i = 0; i < directory.Entries.Length; i++)
            {
                if (directory.Entries[i].NeedsHash)
                    open.Add((directory, i));
            }
        }
        var failures = new ConcurrentQueue<ContextReading.Unreadable>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, open.Count, options, i =>
        {
            (FoundDirectory directory, int at) = open[i];
            FoundEntry entry = directory.Entries[at];
            string path = directory.PathOf(entry.Name);
            try
            {
                // Without a node it counts as not there: it vanished since it was listed.
                if (hashes.Hash(path, entry.Status) is { } hashed)
                    directory.Entries[at].Node = ContextWalk.Node(entry.Name, hashed.Status, hashed.Hash);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Enqueue(new ContextReading.Unreadable(path, Reasons.Of(e)));
            }
        });
        return ContextWalk.FirstOf(failures);
    }
}
