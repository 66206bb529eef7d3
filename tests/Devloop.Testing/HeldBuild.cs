namespace Devloop.Testing;

/// <summary>A build that goes on until a test lets it end, or its token is cancelled.</summary>
public sealed class HeldBuild
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the builder has begun with it.</summary>
    public Task Started => _started.Task;

    /// <summary>Done when its token was cancelled while it ran.</summary>
    public Task Cancelled => _cancelled.Task;

    public void Release() => _released.TrySetResult();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        try
        {
            await _released.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }
}
