using System.Collections.Immutable;
using System.Text.Json.Nodes;
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

    /// <summary>The definition of a kind left the config: with it would go every object of the kind, whoever made it.</summary>
    KindKept,

    /// <summary>Devloop did not apply it, or did so for another project.</summary>
    OfAnother,
}

/// <summary>
/// Deletes what a project deploys and what it deployed once, last applied first. What is gone already, and kinds that the cluster does not
/// know, are fine.
/// </summary>
/// <param name="record">What was applied; it goes when nothing stands in it any more.</param>
public sealed class ResourceRemoval(ICluster cluster, RecordKeeper record, Departures departures, string defaultNamespace, Action<ObjectReference, RemovalOutcome> tell)
{
    public const string PolicyAnnotation = "devloop.dev/down-policy";

    /// <summary>Deletes and waits until the objects are gone; gives what the cluster refused.</summary>
    /// <param name="project">Whose chosen resources are deleted.</param>
    public async Task<ImmutableArray<Diagnostic>> RemoveAsync(ResolvedProject project, bool deleteNamespaces, CancellationToken cancellationToken)
    {
        var failures = ImmutableArray.CreateBuilder<Diagnostic>();
        var gone = new List<RecordedObject>();
        try
        {
            AppliedRecord known = await record.ReadOrNoneAsync(cancellationToken).ConfigureAwait(false);
            foreach (Candidate item in InOrder(project, known))
            {
                try
                {
                    (RemovalOutcome outcome, Diagnostic? hangs) = await RemoveAsync(item, deleteNamespaces, cancellationToken).ConfigureAwait(false);
                    if (hangs is not null)
                    {
                        failures.Add(hangs);
                        continue;
                    }
                    tell(item.Object.Object, outcome);
                    gone.Add(item.Object);
                }
                catch (ClusterException e) when (e.Status != 0)
                {
                    failures.Add(ApiFailure.ToDiagnostic(e, item.Object.Object));
                }
            }
            await record.ForgetAsync(gone, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            failures.Add(ApiFailure.ToDiagnostic(e, record.Place.Reference));
        }
        return failures.ToImmutable();
    }

    /// <summary>By our annotation, or by that of charts.</summary>
    public static bool AsksToStay(JsonObject live) =>
        live.Text("metadata", "annotations", PolicyAnnotation) == "keep" || live.Text("metadata", "annotations", "helm.sh/resource-policy") == "keep";

    /// <summary>Against the order of applying, over all resources: a Namespace goes after what is in it.</summary>
    private IEnumerable<Candidate> InOrder(ResolvedProject project, AppliedRecord known)
    {
        Candidate[] wanted =
        [
            .. project.Resources.SelectMany(r => r.Objects.Select(o => new Candidate(new RecordedObject(r.Name.Value, o.Reference with { Namespace = o.Namespace ?? defaultNamespace }), o.Reference, IsLeftover: false))),
        ];
        return
        [
            .. Leftovers.Of(known, project, defaultNamespace).Select(o => new Candidate(o, o.Object, IsLeftover: true)),
            .. wanted.Reverse().OrderByDescending(c => ApplyOrder.RankOf(c.Object.Object.Kind.Kind)),
        ];
    }

    private async Task<(RemovalOutcome, Diagnostic?)> RemoveAsync(Candidate item, bool deleteNamespaces, CancellationToken cancellationToken)
    {
        ObjectReference reference = item.Written;
        if (reference.Kind == new ObjectKind("v1", "Namespace") && !deleteNamespaces)
            return (RemovalOutcome.NamespaceKept, null);
        try
        {
            if (await cluster.GetAsync(reference, cancellationToken).ConfigureAwait(false) is not { } live)
                return (RemovalOutcome.Absent, null);
            if (AsksToStay(live))
                return (RemovalOutcome.Kept, null);
            if (item.IsLeftover ? !record.Place.Has(live) : !RecordPlace.IsApplied(live))
                return (RemovalOutcome.OfAnother, null);
            if (!await cluster.DeleteAsync(reference, DeletePropagation.Background, cancellationToken).ConfigureAwait(false))
                return (RemovalOutcome.Absent, null);
            return (RemovalOutcome.Deleted, await departures.AwaitAsync(reference, live.Uid(), cancellationToken).ConfigureAwait(false));
        }
        catch (ClusterException e) when (e.Status == 404 || e.Reason == ClusterException.NoKindMatch)
        {
            return (RemovalOutcome.Absent, null);
        }
    }

    /// <param name="Written">As the manifest names it, with no namespace where it says none.</param>
    /// <param name="IsLeftover">It is in the record and not in the config.</param>
    private sealed record Candidate(RecordedObject Object, ObjectReference Written, bool IsLeftover);
}
