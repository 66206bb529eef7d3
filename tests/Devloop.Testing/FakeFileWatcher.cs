using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Gives out the batches that a test makes, at once: every call is a quiet window of its own.</summary>
public sealed class FakeFileWatcher : IFileWatcher
{
    private readonly Lock _lock = new();
    private readonly List<(ImmutableArray<string> Directories, Channel<FileBatch> Batches)> _watches = [];
    private readonly TaskCompletionSource _watching = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the first watch stands.</summary>
    public Task Watching => _watching.Task;

    /// <summary>What is watched now, each directory once for each watch.</summary>
    public ImmutableArray<string> Directories
    {
        get
        {
            lock (_lock)
                return [.. _watches.SelectMany(w => w.Directories)];
        }
    }

    /// <summary>Says that files changed, to every watch that they lie below.</summary>
    /// <param name="paths">Absolute.</param>
    public void Change(params string[] paths) => Tell(paths, overflow: false);

    /// <summary>Says that events were lost.</summary>
    public void Overflow() => Tell([], overflow: true);

    public async IAsyncEnumerable<FileBatch> WatchAsync(ImmutableArray<string> directories, TimeSpan quiet, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<FileBatch> batches = Channel.CreateUnbounded<FileBatch>();
        lock (_lock)
            _watches.Add((directories, batches));
        try
        {
            _watching.TrySetResult();
            yield return new FileBatch([], Overflow: false);
            await foreach (FileBatch batch in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return batch;
        }
        finally
        {
            lock (_lock)
                _watches.RemoveAll(w => w.Batches == batches);
        }
    }

    private void Tell(string[] paths, bool overflow)
    {
        lock (_lock)
        {
            foreach ((ImmutableArray<string> directories, Channel<FileBatch> batches) in _watches)
            {
                ImmutableArray<string> below = [.. paths.Where(p => directories.Any(d => p == d || p.StartsWith(d.TrimEnd('/') + "/", StringComparison.Ordinal)))
                    .Distinct().Order(StringComparer.Ordinal)];
                if (overflow || below.Length > 0)
                    batches.Writer.TryWrite(new FileBatch(below, overflow));
            }
        }
    }
}
