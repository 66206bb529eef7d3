using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

public enum RemovalOutcome
{
    Deleted,
    Absent,

    /// <summary>The object's annotation <c>devloop.dev/down-policy: keep</c> says so.</summary>
    Kept,
    NamespaceKept,
}

/// <summary>Deletes what a project deploys, last applied first. What is gone already, and kinds that the cluster does not know, are fine.</summary>
public sealed class ResourceRemoval(ICluster cluster, string defaultNamespace, Action<ObjectReference, RemovalOutcome> tell)
{
    public const string PolicyAnnotation = "devloop.dev/down-policy";

    /// <summary>Deletes and waits until the objects are gone; gives what the cluster refused.</summary>
    public async Task<ImmutableArray<Diagnostic>> RemoveAsync(IReadOnlyList<ResourceDefinition> resources, bool deleteNamespaces, CancellationToken cancellationToken)
    {
        var failures = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (KubernetesObject item in resources.Reverse().SelectMany(r => r.Objects.Reverse()))
        {
            ObjectReference reference = item.Reference;
            try
            {
                tell(reference, await RemoveAsync(item, reference, deleteNamespaces, cancellationToken).ConfigureAwait(false));
            }
            catch (ClusterException e)
            {
                failures.Add(ApiFailure.ToDiagnostic(e, reference));
                if (e.Status == 0)
                    break;
            }
        }
        return failures.ToImmutable();
    }

    private async Task<RemovalOutcome> RemoveAsync(KubernetesObject item, ObjectReference reference, bool deleteNamespaces, CancellationToken cancellationToken)
    {
        if (item.Kind == "Namespace" && !deleteNamespaces)
            return RemovalOutcome.NamespaceKept;
        try
        {
            if (await cluster.GetAsync(reference, cancellationToken).ConfigureAwait(false) is not { } live)
                return RemovalOutcome.Absent;
            if (live.Text("metadata", "annotations", PolicyAnnotation) == "keep")
                return RemovalOutcome.Kept;
            if (!await cluster.DeleteAsync(reference, DeletePropagation.Background, cancellationToken).ConfigureAwait(false))
                return RemovalOutcome.Absent;
            await Absence.WaitAsync(cluster, reference, defaultNamespace, LiveObject.UidOf(live), cancellationToken).ConfigureAwait(false);
            return RemovalOutcome.Deleted;
        }
        catch (ClusterException e) when (e.Status == 404 || e.Reason == ClusterException.NoKindMatch)
        {
            return RemovalOutcome.Absent;
        }
    }
}
