using Devloop.Adapters.Tests.Support;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every file watcher does.</summary>
public abstract class FileWatcherContract : IDisposable
{
    private readonly TemporaryDirectory _watched = new();
    private readonly TemporaryDirectory _other = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(1));

    protected abstract IFileWatcher Watcher { get; }

    /// <summary>Changes a file.</summary>
    /// <param name="path">Absolute; its directory is there.</param>
    protected abstract void Change(string path);

    public void Dispose()
    {
        _stop.Dispose();
        _watched.Dispose();
        _other.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_watch_begins_with_an_empty_batch_and_tells_what_changes_after_it()
    {
        await using IAsyncEnumerator<FileBatch> batches = Start();
        await batches.MoveNextAsync();
        batches.Current.Paths.ShouldBeEmpty();
        batches.Current.Overflow.ShouldBeFalse();

        Change(_watched["a"]);

        await batches.MoveNextAsync();
        batches.Current.Paths.ShouldBe([_watched["a"]]);
    }

    [Fact]
    public async Task What_lies_elsewhere_is_not_told()
    {
        await using IAsyncEnumerator<FileBatch> batches = Start();
        await batches.MoveNextAsync();

        Change(_other["a"]);
        Change(_watched["b"]);

        await batches.MoveNextAsync();
        batches.Current.Paths.ShouldBe([_watched["b"]]);
    }

    [Fact]
    public async Task A_cancelled_watch_ends()
    {
        await using IAsyncEnumerator<FileBatch> batches = Start();
        await batches.MoveNextAsync();
        Task<bool> next = batches.MoveNextAsync().AsTask();

        await _stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(next);
    }

    private IAsyncEnumerator<FileBatch> Start() =>
        Watcher.WatchAsync([_watched.Root], TimeSpan.FromMilliseconds(20), _stop.Token).GetAsyncEnumerator(CancellationToken.None);
}
