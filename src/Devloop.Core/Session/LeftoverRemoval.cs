using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>
/// Deletes what this project applied once and has in its config no more. Never what another one has by now, never a Namespace or the
/// definition of a kind, with which objects of others would go, and nothing that asks to be kept.
/// </summary>
public sealed class LeftoverRemoval(ICluster cluster, RecordKeeper record, Departures departures, DeployRoom room, string defaultNamespace, Action<SideNews> tell)
{
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
        JsonObject? live;
        try
        {
            live = await cluster.GetAsync(leftover.Object, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Status == 404)
        {
            // Its kind is gone, and with it every object of that kind.
            return null;
        }
        if (live is null || await IsWantedAsync(leftover, live, project, cancellationToken).ConfigureAwait(false))
            return null;
        if (Refusal(leftover, live) is { } outcome)
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

    private RemovalOutcome? Refusal(RecordedObject leftover, JsonObject live) =>
        !record.Place.Has(live) ? RemovalOutcome.OfAnother
        : ResourceRemoval.AsksToStay(live) ? RemovalOutcome.Kept
        : leftover.Object.Kind.Kind == "CustomResourceDefinition" ? RemovalOutcome.KindKept
        : null;

    /// <summary>The namespace of an object whose kind has none says nothing: written or not, it is the same object.</summary>
    private async Task<bool> IsWantedAsync(RecordedObject leftover, JsonObject live, ResolvedProject project, CancellationToken cancellationToken)
    {
        foreach (RecordedObject namesake in Leftovers.Namesakes(leftover, project, defaultNamespace))
        {
            if (await cluster.GetAsync(namesake.Object, cancellationToken).ConfigureAwait(false) is { } other && other.Uid() == live.Uid())
                return true;
        }
        return false;
    }
}
