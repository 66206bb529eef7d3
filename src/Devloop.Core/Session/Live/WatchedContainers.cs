using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>
/// Ends commands whose container ended or whose server is silent: neither an engine nor an API server always closes the connection then, and
/// nobody is to wait for ever.
/// </summary>
internal sealed class WatchedContainers(IContainers inner, TimeProvider clock) : IContainers
{
    private const int MostSilences = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2), Patience = TimeSpan.FromSeconds(10);

    public async Task<ContainerExecEnd> ExecAsync(ContainerOrder order, CancellationToken cancellationToken)
    {
        using var command = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<ContainerExecEnd?> watching = WatchAsync(order.Place, command, watch.Token);
        try
        {
            return await inner.ExecAsync(order, command.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (command.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return await watching.ConfigureAwait(false) ?? new ContainerExecEnd.Lost("it was given up");
        }
        finally
        {
            await watch.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    public async Task<bool?> RunsAsync(ContainerPlace place, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ITimer timer = clock.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            return await inner.RunsAsync(place, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Why it cancelled the command; null when it did not.</summary>
    private async Task<ContainerExecEnd?> WatchAsync(ContainerPlace place, CancellationTokenSource command, CancellationToken cancellationToken)
    {
        try
        {
            for (int silences = 0; ;)
            {
                await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
                bool? runs = await RunsAsync(place, cancellationToken).ConfigureAwait(false);
                silences = runs is null ? silences + 1 : 0;
                if (runs != false && silences < MostSilences)
                    continue;
                await command.CancelAsync().ConfigureAwait(false);
                return runs == false ? new ContainerExecEnd.NotThere() : new ContainerExecEnd.Lost("nobody answered");
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
