using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Devloop.Engine;

/// <summary>
/// Hands the newest of something to any number of watchers. Each has one slot that drops the oldest: a slow watcher skips, and never
/// holds the publisher back.
/// </summary>
public sealed class Broadcast<T>(T initial)
{
    private readonly Lock _lock = new();
    private readonly List<Channel<T>> _watchers = [];
    private T _latest = initial;
    private bool _ended;

    /// <summary>What was published last.</summary>
    public T Latest
    {
        get
        {
            lock (_lock)
                return _latest;
        }
    }

    /// <summary>From any thread; never waits. After the end nothing is heard.</summary>
    public void Publish(T value)
    {
        lock (_lock)
        {
            if (_ended)
                return;
            _latest = value;
            foreach (Channel<T> watcher in _watchers)
                watcher.Writer.TryWrite(value);
        }
    }

    /// <summary>Ends every watch after what it has still to see.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (Channel<T> watcher in _watchers)
                watcher.Writer.TryComplete();
        }
    }

    /// <summary>The newest at once, then whatever is newest whenever the watcher asks again.</summary>
    public async IAsyncEnumerable<T> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<T> slot = Channel.CreateBounded<T>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            slot.Writer.TryWrite(_latest);
            if (_ended)
                slot.Writer.TryComplete();
            _watchers.Add(slot);
        }
        try
        {
            await foreach (T value in slot.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return value;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(slot);
        }
    }
}
