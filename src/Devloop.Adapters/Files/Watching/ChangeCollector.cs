using System.Runtime.ExceptionServices;
using Devloop.Ports;

namespace Devloop.Adapters.Files.Watching;

/// <summary>
/// Gathers changes until the files are quiet. A stream of changes that never ends is given out in batches nevertheless: after ten
/// times the quiet window, and at least 200 ms. Sources add from any thread; one reader takes.
/// </summary>
internal sealed class ChangeCollector(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ShortestCap = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _something = new(0, 1);
    private readonly SortedSet<string> _paths = new(StringComparer.Ordinal);
    private bool _overflow;
    private bool _waiting; // whether the semaphore was released for what is gathered now
    private long _first;
    private long _last;
    private Exception? _failure;

    public void Dispose() => _something.Dispose();

    public void Add(string path)
    {
        lock (_lock)
        {
            _paths.Add(path);
            Touch();
        }
    }

    /// <summary>The system lost events.</summary>
    public void Overflow()
    {
        lock (_lock)
        {
            _overflow = true;
            Touch();
        }
    }

    /// <summary>The source cannot go on; the reader is told instead of a further batch.</summary>
    public void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            Touch();
        }
    }

    public async Task<FileBatch> NextAsync(TimeSpan quiet, CancellationToken cancellationToken)
    {
        TimeSpan cap = quiet * 10 > ShortestCap ? quiet * 10 : ShortestCap;
        await _something.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            TimeSpan left;
            lock (_lock)
            {
                if (_failure is not null)
                    ExceptionDispatchInfo.Throw(_failure);
                TimeSpan untilQuiet = quiet - time.GetElapsedTime(_last), untilCap = cap - time.GetElapsedTime(_first);
                left = untilQuiet < untilCap ? untilQuiet : untilCap;
                if (left <= TimeSpan.Zero)
                    return Take();
            }
            // Timers count whole milliseconds; a shorter rest would spin.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private FileBatch Take()
    {
        var batch = new FileBatch([.. _paths], _overflow);
        _paths.Clear();
        _overflow = false;
        _waiting = false;
        return batch;
    }

    private void Touch()
    {
        _last = time.GetTimestamp();
        if (_waiting)
            return;
        _waiting = true;
        _first = _last;
        _something.Release();
    }
}
