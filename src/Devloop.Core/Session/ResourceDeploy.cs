using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>Brings the objects of a resource into the cluster: only what is not already so.</summary>
public sealed class ResourceDeploy(ICluster cluster, ResourceMonitor? monitor, Delivery? delivery, string defaultNamespace, Action<SideNews> tell)
{
    public async Task<EngineEvent> DeployAsync(EngineEffect.StartDeploy effect, CancellationToken cancellationToken)
    {
        var changes = ImmutableArray.CreateBuilder<ObjectChange>();
        var applied = ImmutableArray.CreateBuilder<JsonObject>();
        foreach (KubernetesObject item in effect.Resource.Objects)
        {
            JsonObject rendered = Rendering.ForApply(item, effect.Resource, effect.Images, delivery);
            ObjectReference reference = item.Reference;
            try
            {
                (ChangeKind kind, JsonObject now) = await ApplyAsync(effect.Resource.Name, reference, rendered, cancellationToken).ConfigureAwait(false);
                changes.Add(new ObjectChange(reference, kind));
                applied.Add(now);
            }
            catch (ClusterException e)
            {
                return new EngineEvent.DeployFinished(effect.Work, effect.Resource.Name,
                    new DeployOutcome.Failed([ApiFailure.ToDiagnostic(e, reference) with { At = item.At }], Environment: e.Status == 0));
            }
        }
        // First what counts from now on, then the news of it: no older state of the objects can pass for the new one.
        monitor?.Expect(effect.Resource.Name, applied.ToImmutable());
        return new EngineEvent.DeployFinished(effect.Work, effect.Resource.Name, new DeployOutcome.Applied(changes.ToImmutable()));
    }

    private async Task<(ChangeKind Kind, JsonObject Now)> ApplyAsync(ResourceName resource, ObjectReference reference, JsonObject rendered, CancellationToken cancellationToken)
    {
        JsonObject? live = await cluster.GetAsync(reference, cancellationToken).ConfigureAwait(false);
        if (live is not null && !live.IsDeleting() && AppliedState.Covers(live, rendered))
            return (ChangeKind.Unchanged, live);
        try
        {
            JsonObject now = await cluster.ApplyAsync(rendered, cancellationToken).ConfigureAwait(false);
            return (live is null ? ChangeKind.Created : ChangeKind.Configured, now);
        }
        catch (ClusterException e) when (live is not null && ApiFailure.IsImmutableField(e))
        {
            tell(new SideNews.Recreating(resource, reference, e.Causes.Select(c => c.Field).FirstOrDefault(f => f.Length > 0) is { } field
                ? $"`{field}` cannot be changed in place" : "it cannot be changed in place"));
            return (ChangeKind.Recreated, await RecreateAsync(reference, rendered, LiveObject.UidOf(live), cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<JsonObject> RecreateAsync(ObjectReference reference, JsonObject rendered, string uid, CancellationToken cancellationToken)
    {
        await cluster.DeleteAsync(reference, DeletePropagation.Foreground, cancellationToken).ConfigureAwait(false);
        await Absence.WaitAsync(cluster, reference, defaultNamespace, uid, cancellationToken).ConfigureAwait(false);
        return await cluster.ApplyAsync(rendered, cancellationToken).ConfigureAwait(false);
    }
}
