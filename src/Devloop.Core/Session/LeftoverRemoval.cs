using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>Deletes what this project applied once and has in its config no more, as far as <see cref="LeftoverLook"/> lets it.</summary>
public sealed class LeftoverRemoval(ICluster cluster, RecordKeeper record, Departures departures, DeployRoom room, AppliedObjects applied, string defaultNamespace, Action<SideNews> tell)
{
    private readonly LeftoverLook _look = new(cluster, record.Place, defaultNamespace);

    public async Task<EngineEvent> RemoveAsync(EngineEffect.RemoveLeftovers effect, CancellationToken cancellationToken)
    {
        using IDisposable alone = await room.EnterAloneAsync(cancellationToken).ConfigureAwait(false);
        var failures = ImmutableArray.CreateBuilder<Diagnostic>();
        bool environment = false;
        var done = new List<RecordedObject>();
        try
        {
            AppliedRecord known = await record.ReadOrNoneAsync(cancellationToken).ConfigureAwait(false);
            foreach (RecordedObject leftover in Leftovers.Of(known, effect.Project, defaultNamespace))
            {
                applied.Forget(leftover.Object);
                try
                {
                    if (await RemoveAsync(leftover, effect.Project, cancellationToken).ConfigureAwait(false) is { } hangs)
                        failures.Add(hangs);
                    else
                        done.Add(leftover);
                }
                catch (ClusterException e) when (e.Status != 0)
                {
                    failures.Add(ApiFailure.ToDiagnostic(e, leftover.Object));
                }
            }
            await record.ForgetAsync(done, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            environment = e.Status == 0;
            failures.Add(ApiFailure.ToDiagnostic(e, record.Place.Reference));
        }
        return new EngineEvent.LeftoversRemoved(effect.Work, effect.Project.Resources, failures.ToImmutable(), environment);
    }

    /// <returns>Null when there is nothing more to do for it; else why it did not go.</returns>
    private async Task<Diagnostic?> RemoveAsync(RecordedObject leftover, ResolvedProject project, CancellationToken cancellationToken)
    {
        (RemovalOutcome outcome, JsonObject? live) = await _look.LookAsync(leftover, project, cancellationToken).ConfigureAwait(false);
        if (live is null)
            return null;
        if (outcome != RemovalOutcome.Deleted)
        {
            tell(new SideNews.Removed(leftover.Resource, leftover.Object, outcome));
            return null;
        }
        await cluster.DeleteAsync(leftover.Object, DeletePropagation.Background, cancellationToken).ConfigureAwait(false);
        if (await departures.AwaitAsync(leftover.Object, live.Uid(), cancellationToken).ConfigureAwait(false) is { } hangs)
            return hangs;
        tell(new SideNews.Removed(leftover.Resource, leftover.Object, RemovalOutcome.Deleted));
        return null;
    }
}
