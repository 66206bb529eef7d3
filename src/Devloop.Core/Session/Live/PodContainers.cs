using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session.Live;

/// <summary>Containers of any cluster, through its API server. A command runs as the container's own user.</summary>
public sealed class PodContainers(ICluster cluster) : IContainers
{
    public async Task<ContainerExecEnd> ExecAsync(ContainerOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A command whose input cannot be had would wait for it: it ends with the connection.
        FaultStream? input = order.Input is null ? null : new FaultStream(order.Input, end);
        ContainerPlace place = order.Place;
        try
        {
            ExecEnd ended = await cluster.ExecAsync(new ExecOrder(place.Namespace, place.Pod, place.Container, order.Words) { Input = input, Output = order.Output }, end.Token).ConfigureAwait(false);
            return new ContainerExecEnd.Exited(ended.ExitCode);
        }
        catch (OperationCanceledException) when (input?.Fault is { } fault)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
            throw;
        }
        catch (ClusterException e)
        {
            return e switch
            {
                { Status: 404 or 400 } => new ContainerExecEnd.NotThere(),
                { Status: 401 or 403 } => new ContainerExecEnd.Forbidden(e.Message),
                { Status: > 0, Reason: "ExecFailed" } => new ContainerExecEnd.NoProgram(e.Message),
                _ => new ContainerExecEnd.Lost(e.Message),
            };
        }
    }

    public async Task<bool?> RunsAsync(ContainerPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        try
        {
            JsonObject? pod = await cluster.GetAsync(new ObjectReference(ObservedKinds.Pod, place.Namespace, place.Pod), cancellationToken).ConfigureAwait(false);
            return pod is not null && PodState.ContainerStatuses(pod).Any(s => s.Text("name") == place.Container && s.Text("containerID") == place.Id && s["state"]?["running"] is not null);
        }
        catch (ClusterException)
        {
            return null;
        }
    }

    /// <summary>Cancels what reads it when it cannot be read.</summary>
    private sealed class FaultStream(Stream inner, CancellationTokenSource end) : ReadingStream
    {
        public Exception? Fault { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Fault = e;
                await end.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
