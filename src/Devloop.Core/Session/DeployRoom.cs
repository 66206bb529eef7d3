namespace Devloop.Session;

/// <summary>
/// How many resources are deployed at a time: side by side, but not so many that the API server's own fairness slows them all. What deletes
/// leftovers comes in alone, when no deploy that was called off is still on its way.
/// </summary>
public sealed class DeployRoom : IDisposable
{
    public const int Places = 16;

    private readonly SemaphoreSlim _places = new(Places);

    /// <returns>Leaves when it is disposed.</returns>
    public Task<IDisposable> EnterAsync(CancellationToken cancellationToken) => TakeAsync(1, cancellationToken);

    /// <inheritdoc cref="EnterAsync"/>
    public Task<IDisposable> EnterAloneAsync(CancellationToken cancellationToken) => TakeAsync(Places, cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<IDisposable> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        var visit = new Visit(_places);
        try
        {
            for (; visit.Taken < wanted; visit.Taken++)
                await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return visit;
        }
        catch (OperationCanceledException)
        {
            visit.Dispose();
            throw;
        }
    }

    private sealed class Visit(SemaphoreSlim places) : IDisposable
    {
        public int Taken { get; set; }

        public void Dispose()
        {
            if (Taken > 0)
                places.Release(Taken);
            Taken = 0;
        }
    }
}
