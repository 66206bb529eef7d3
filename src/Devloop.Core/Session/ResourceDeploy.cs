using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>
/// Brings the objects of a resource into the cluster: only what is not already so. What this run has applied in the same form needs nothing,
/// and in another form it is applied at once; all others are looked at first, side by side, since most of them need nothing.
/// </summary>
public sealed class ResourceDeploy(
    ICluster cluster, ResourceMonitor? monitor, RecordKeeper record, Departures departures, DeployRoom room, AppliedObjects known, BaseKnowledge images, Delivery? delivery, TimeProvider clock, Action<SideNews> tell)
{
    private readonly CustomKinds _kinds = new(cluster, clock);

    public async Task<EngineEvent> DeployAsync(EngineEffect.StartDeploy effect, CancellationToken cancellationToken)
    {
        using IDisposable place = await room.EnterAsync(cancellationToken).ConfigureAwait(false);
        var described = ImmutableDictionary<ImageName, BaseImage>.Empty;
        if (effect.Resource.Equipment is { Asked.IsEmpty: false } equipment)
        {
            try
            {
                described = await images.OfImagesAsync(equipment.Asked, effect.Resource.Targets, effect.Images, cancellationToken).ConfigureAwait(false);
            }
            catch (EngineUnreachableException e)
            {
                return new EngineEvent.DeployFinished(effect.Work, effect.Resource.Name, new DeployOutcome.Failed([e.Diagnostic], Environment: true));
            }
        }
        Wanted[] wanted = [.. effect.Resource.Objects.Select(item => Look(item, effect, described, cancellationToken))];
        try
        {
            var changes = ImmutableArray.CreateBuilder<ObjectChange>();
            var applied = ImmutableArray.CreateBuilder<JsonObject>();
            int lastNamespace = Array.FindLastIndex(wanted, w => w.Item.Kind == "Namespace");
            foreach ((int n, Wanted one) in wanted.Index())
            {
                try
                {
                    await record.EnsureAsync(effect.Resource, mayComeLater: n <= lastNamespace, cancellationToken).ConfigureAwait(false);
                    (ChangeKind kind, JsonObject now) = await ApplyAsync(effect.Resource.Name, one, effect.Asked, cancellationToken).ConfigureAwait(false);
                    if (await _kinds.AwaitAsync(one.Reference, now, isNew: kind == ChangeKind.Created, cancellationToken).ConfigureAwait(false) is { } unusable)
                        return Failed(effect, one, unusable, environment: false);
                    changes.Add(new ObjectChange(one.Reference, kind));
                    applied.Add(now);
                    known.Remember(one.Reference, one.Rendered, now);
                }
                catch (ClusterException e)
                {
                    return Failed(effect, one, ApiFailure.ToDiagnostic(e, one.Reference), environment: e.Status == 0);
                }
                catch (DepartureException e)
                {
                    return Failed(effect, one, e.Why, environment: false);
                }
            }
            // First what counts from now on, then the news of it: no older state of the objects can pass for the new one.
            monitor?.Expect(effect.Resource.Name, applied.ToImmutable());
            return new EngineEvent.DeployFinished(effect.Work, effect.Resource.Name, new DeployOutcome.Applied(changes.ToImmutable()));
        }
        finally
        {
            // Looks that nobody came to ask for, because an object before them was refused.
            foreach (Wanted one in wanted.Where(w => w.Live is not null))
                await ((Task)one.Live!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static EngineEvent.DeployFinished Failed(EngineEffect.StartDeploy effect, Wanted item, Diagnostic why, bool environment) =>
        new(effect.Work, effect.Resource.Name, new DeployOutcome.Failed([why with { At = item.Item.At }], environment));

    private Wanted Look(KubernetesObject item, EngineEffect.StartDeploy effect, ImmutableDictionary<ImageName, BaseImage> described, CancellationToken cancellationToken)
    {
        JsonObject rendered = Rendering.ForApply(item, effect.Resource, effect.Images, delivery, record.Place, described);
        AppliedObject? before = effect.Asked ? null : known.Find(item.Reference);
        if (before is null)
            return new Wanted(item, item.Reference, rendered, cluster.GetAsync(item.Reference, cancellationToken));
        return new Wanted(item, item.Reference, rendered, Live: null) { Stands = JsonNode.DeepEquals(before.Rendered, rendered) ? before.Live : null };
    }

    private async Task<(ChangeKind Kind, JsonObject Now)> ApplyAsync(ResourceName resource, Wanted wanted, bool asked, CancellationToken cancellationToken)
    {
        if (wanted.Stands is { } stands)
            return (ChangeKind.Unchanged, stands);
        JsonObject? live = await LiveAsync(wanted).ConfigureAwait(false);
        if (live is not null && live.IsDeleting())
        {
            // What is on its way out cannot be brought back: the new one comes after it.
            await AwaitGoneAsync(wanted.Reference, live.Uid(), cancellationToken).ConfigureAwait(false);
            live = null;
        }
        if (asked && live is not null && HasEnded(live))
        {
            tell(new SideNews.Recreating(resource, wanted.Reference, "it has ended, and a Job runs once"));
            return (ChangeKind.Recreated, await RecreateAsync(wanted, live.Uid(), cancellationToken).ConfigureAwait(false));
        }
        if (!asked && live is not null && AppliedState.Covers(live, wanted.Rendered))
            return (ChangeKind.Unchanged, live);
        try
        {
            JsonObject now = await _kinds.ApplyAsync(wanted.Rendered, wanted.Reference.Kind, cancellationToken).ConfigureAwait(false);
            if (asked && live?.Text("metadata", "resourceVersion") is { } version && version == now.Text("metadata", "resourceVersion"))
                return (ChangeKind.Unchanged, now);
            return (live is null && wanted.Live is not null ? ChangeKind.Created : ChangeKind.Configured, now);
        }
        catch (ClusterException e) when (e.Status == 422 && !ApiFailure.IsImmutableField(e))
        {
            live ??= await cluster.GetAsync(wanted.Reference, cancellationToken).ConfigureAwait(false);
            if (live is null || LeftBehind.In(live, wanted.Rendered, e, climb: 0).IsEmpty)
                throw;
            if (await ApplyWithoutDefaultsAsync(wanted, live, e, cancellationToken).ConfigureAwait(false) is { } now)
                return (ChangeKind.Configured, now);
            // The server fills it in again at once, so only a new object can be without it.
            tell(new SideNews.Recreating(resource, wanted.Reference, $"`{e.Causes[0].Field}` cannot be taken out in place"));
            return (ChangeKind.Recreated, await RecreateAsync(wanted, live.Uid(), cancellationToken).ConfigureAwait(false));
        }
        catch (ClusterException e) when (ApiFailure.IsImmutableField(e))
        {
            live ??= await cluster.GetAsync(wanted.Reference, cancellationToken).ConfigureAwait(false);
            if (live is null)
                throw;
            tell(new SideNews.Recreating(resource, wanted.Reference, e.Causes.Select(c => c.Field).FirstOrDefault(f => f.Length > 0) is { } field
                ? $"`{field}` cannot be changed in place" : "it cannot be changed in place"));
            return (ChangeKind.Recreated, await RecreateAsync(wanted, live.Uid(), cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Takes out what the server had filled in beside fields that the manifest has dropped, and applies then; null when that is not what was refused.</summary>
    private async Task<JsonObject?> ApplyWithoutDefaultsAsync(Wanted wanted, JsonObject live, ClusterException refusal, CancellationToken cancellationToken)
    {
        for (int climb = 0; climb <= LeftBehind.MostClimbs; climb++)
        {
            ImmutableArray<string> pointers = LeftBehind.In(live, wanted.Rendered, refusal, climb);
            if (pointers.IsEmpty)
                continue;
            try
            {
                await cluster.RemoveFieldsAsync(wanted.Reference, pointers, cancellationToken).ConfigureAwait(false);
                return await cluster.ApplyAsync(wanted.Rendered, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Status == 422)
            {
                // What is around it does not stand without it: that goes as well.
            }
        }
        return null;
    }

    /// <summary>A Job that is over: nothing runs that deleting it could end.</summary>
    private static bool HasEnded(JsonObject live) => live.ObjectKind().Kind == "Job"
        && live.Items("status", "conditions").Any(c => c.Text("type") is "Complete" or "Failed" && c.Text("status") == "True");

    private async Task<JsonObject> RecreateAsync(Wanted wanted, string uid, CancellationToken cancellationToken)
    {
        await cluster.DeleteAsync(wanted.Reference, DeletePropagation.Foreground, cancellationToken).ConfigureAwait(false);
        await AwaitGoneAsync(wanted.Reference, uid, cancellationToken).ConfigureAwait(false);
        return await cluster.ApplyAsync(wanted.Rendered, cancellationToken).ConfigureAwait(false);
    }

    private async Task<JsonObject?> LiveAsync(Wanted wanted)
    {
        try
        {
            return wanted.Live is null ? null : await wanted.Live.ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Reason == ClusterException.NoKindMatch && _kinds.AreDefined(wanted.Reference.Kind))
        {
            // It was looked at before its kind was there.
            return null;
        }
    }

    private async Task AwaitGoneAsync(ObjectReference reference, string uid, CancellationToken cancellationToken)
    {
        if (await departures.AwaitAsync(reference, uid, cancellationToken).ConfigureAwait(false) is { } hangs)
            throw new DepartureException(hangs);
    }

    /// <summary>An object does not go, so the new one cannot come.</summary>
    private sealed class DepartureException(Diagnostic why) : Exception
    {
        public Diagnostic Why { get; } = why;
    }

    /// <param name="Live">The object as it is in the cluster; null when it need not be looked at.</param>
    private sealed record Wanted(KubernetesObject Item, ObjectReference Reference, JsonObject Rendered, Task<JsonObject?>? Live)
    {
        /// <summary>As this run left it, which is how it is to be; null when it is not.</summary>
        public JsonObject? Stands { get; init; }
    }
}
