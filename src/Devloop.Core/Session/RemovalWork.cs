using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Takes a resource that was switched off out of the cluster, by the rules of `down`.</summary>
public sealed class RemovalWork(ICluster cluster, string defaultNamespace, Action<SideNews> tell)
{
    public async Task<EngineEvent> RunAsync(EngineEffect.RemoveResource effect, CancellationToken cancellationToken)
    {
        var removal = new ResourceRemoval(cluster, defaultNamespace, Tell);
        ImmutableArray<Diagnostic> failures = await removal.RemoveAsync([effect.Resource], deleteNamespaces: false, cancellationToken).ConfigureAwait(false);
        return new EngineEvent.ResourceRemoved(effect.Work, effect.Resource.Name, failures);
    }

    private void Tell(ObjectReference reference, RemovalOutcome outcome) => tell(new SideNews.Remark(outcome switch
    {
        RemovalOutcome.Deleted => $"{reference} is deleted",
        RemovalOutcome.Absent => $"{reference} was not there",
        RemovalOutcome.Kept => $"{reference} is kept: its annotation `{ResourceRemoval.PolicyAnnotation}` says so",
        _ => $"{reference} is kept: others may use it",
    }));
}
