using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>
/// Changes running containers: through the engine where it runs the nodes too, else through the API server. Files go first, then commands,
/// then the restart; one command in the container does all of the files, and the restart with them where nothing runs in between.
/// </summary>
public sealed class ContainerTransfer : IContainerUpdater
{
    private readonly ImmutableArray<TransferWay> _ways;

    /// <param name="cluster">Null when there is none.</param>
    /// <param name="engine">Null when no node can be a container's host on it.</param>
    public ContainerTransfer(ICluster? cluster, IEngineContainers? engine, ISourceFiles sources, HelperPrograms programs, TimeProvider clock)
    {
        var ways = ImmutableArray.CreateBuilder<TransferWay>();
        if (engine is not null)
            ways.Add(new EngineWay(engine, sources, programs, clock));
        if (cluster is not null)
            ways.Add(new PodWay(new PodContainers(cluster), sources, clock));
        _ways = ways.ToImmutable();
    }

    public async Task<ContainerUpdateOutcome> UpdateAsync(ContainerUpdate update, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(update);
        ContainerUpdateOutcome? refusal = null;
        try
        {
            foreach (TransferWay way in _ways)
            {
                if (!await way.ReachesAsync(update.Place, cancellationToken).ConfigureAwait(false))
                    continue;
                ContainerUpdateOutcome? outcome = await UpdateAsync(way, update, cancellationToken).ConfigureAwait(false);
                // Nothing can be put into a root that is read-only, but a helper that is mounted may write into a volume below it.
                if (outcome is not (null or ContainerUpdateOutcome.Refused { Why.Code: DiagnosticCode.ContainerReadOnly }))
                    return outcome;
                refusal ??= outcome;
            }
        }
        catch (ObsoleteFileException e)
        {
            return new ContainerUpdateOutcome.Obsolete(e.File);
        }
        if (refusal is not null)
            return refusal;
        // An engine that never had the container and one that has it no more say the same.
        return _ways is [.., var last] && await last.Containers.RunsAsync(update.Place, cancellationToken).ConfigureAwait(false) == false
            ? new ContainerUpdateOutcome.Gone()
            : new ContainerUpdateOutcome.Refused(TransferProblem.NoTransport(update.Place));
    }

    /// <summary>Null when the way has no means for this container.</summary>
    private static async Task<ContainerUpdateOutcome?> UpdateAsync(TransferWay way, ContainerUpdate update, CancellationToken cancellationToken)
    {
        bool restarted = false;
        if (!update.Entries.IsEmpty)
        {
            if (await way.WriteAsync(update, restart: update.Restart && update.Runs.IsEmpty, cancellationToken).ConfigureAwait(false) is not { } written)
                return null;
            if (written.Failure is not null)
                return written.Failure;
            restarted = written.Restarted;
        }
        if (await ContainerRuns.RunAsync(way.Containers, update, cancellationToken).ConfigureAwait(false) is { } failed)
            return failed;
        return update.Restart && !restarted ? await RestartAsync(way, update.Place, cancellationToken).ConfigureAwait(false) : new ContainerUpdateOutcome.Updated();
    }

    private static async Task<ContainerUpdateOutcome> RestartAsync(TransferWay way, ContainerPlace place, CancellationToken cancellationToken)
    {
        var errors = new System.Buffers.ArrayBufferWriter<byte>();
        var order = new ContainerOrder(place, [PodWay.Helper, "restart", place.Container]) { AsRoot = way.AsRoot, Output = (bytes, _) => TransferWay.Keep(errors, bytes) };
        ContainerExecEnd end = await way.Containers.ExecAsync(order, cancellationToken).ConfigureAwait(false);
        return end switch
        {
            ContainerExecEnd.Exited { Code: 0 } => new ContainerUpdateOutcome.Updated(),
            ContainerExecEnd.Exited when HelperAnswer.Of(place, errors.WrittenSpan) is { } told => told,
            _ when await way.EndedAsync(place, end, cancellationToken).ConfigureAwait(false) is { Failure: { } failure } => failure,
            _ => new ContainerUpdateOutcome.Refused(TransferProblem.NoSupervisor(place)),
        };
    }
}
