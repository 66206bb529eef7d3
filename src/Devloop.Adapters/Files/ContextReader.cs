using System.Collections.Immutable;
using System.Text;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// Walks build contexts on disk. Sockets, pipes and devices are left out and never opened; links are listed with their text. A
/// file whose status did not change since it was hashed is not read again.
/// </summary>
public sealed class ContextReader : IContextReader
{
    private readonly HashMemory _hashes;

    public ContextReader()
        : this(TimeProvider.System)
    {
    }

    /// <param name="time">The clock that file times are compared with.</param>
    public ContextReader(TimeProvider time) => _hashes = new HashMemory(time);

    /// <summary>How many files were read so far; the others were remembered.</summary>
    public long FilesRead => _hashes.FilesRead;

    public Task<ContextReading> ReadAsync(string contextDirectory, IInputFilter filter, CancellationToken cancellationToken) =>
        Task.Run(() => Read(contextDirectory, filter, cancellationToken), cancellationToken);

    private ContextReading Read(string contextDirectory, IInputFilter filter, CancellationToken cancellationToken)
    {
        string root = Path.GetFullPath(contextDirectory);
        var walk = new ContextWalk(root, filter, cancellationToken);
        if (walk.Run() is { } unreadable)
            return unreadable;

        var entries = new ContextEntry?[walk.Found.Count];
        ContextReading.Unreadable? failure = null;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.For(0, entries.Length, options, (i, state) =>
            {
                try
                {
                    entries[i] = Entry(root, walk.Found[i]);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The first in the order of the walk, so that the same trouble has the same message.
                    lock (walk)
                    {
                        if (failure is null || string.CompareOrdinal(walk.Found[i].Path, failure.Path) < 0)
                            failure = new ContextReading.Unreadable(walk.Found[i].Path, Reasons.Of(e));
                    }
                    state.Break();
                }
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException(cancellationToken);
        }
        return failure is not null ? failure : new ContextReading.Read(new ContextSnapshot(root, [.. entries.OfType<ContextEntry>()]));
    }

    /// <summary>Null when the file vanished since it was listed.</summary>
    private ContextEntry? Entry(string root, FoundEntry found)
    {
        switch (found.Status.Kind)
        {
            case StatusKind.Directory:
                return new ContextEntry(found.Path, EntryKind.Directory, found.Status.Mode, 0, found.Status.Modified, null, null);
            case StatusKind.Symlink:
                string target = found.LinkTarget!;
                return new ContextEntry(found.Path, EntryKind.Symlink, 0x1FF, Encoding.UTF8.GetByteCount(target), found.Status.Modified, target, null);
            default:
                return _hashes.Hash(Path.Combine(root, found.Path), found.Status) is { } hashed
                    ? new ContextEntry(found.Path, EntryKind.File, hashed.Status.Mode, hashed.Status.Size, hashed.Status.Modified, null, hashed.Hash)
                    : null;
        }
    }
}
