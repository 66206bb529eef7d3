using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Takes a resource that was switched off out of the cluster, by the rules of `down`.</summary>
public sealed class RemovalWork(ICluster cluster, RecordKeeper record, Departures departures, AppliedObjects known, string defaultNamespace, Action<SideNews> tell)
{
    public async Task<EngineEvent> RunAsync(EngineEffect.RemoveResource effect, CancellationToken cancellationToken)
    {
        var removal = new ResourceRemoval(cluster, record, departures, defaultNamespace, Tell);
        ImmutableArray<Diagnostic> failures = await removal.RemoveAsync(effect.Project.With([], [effect.Resource]), deleteNamespaces: false, cancellationToken).ConfigureAwait(false);
        return new EngineEvent.ResourceRemoved(effect.Work, effect.Resource.Name, failures);
    }

    private void Tell(ObjectReference reference, RemovalOutcome outcome)
    {
        known.Forget(reference);
        tell(new SideNews.Remark($"{reference}: {Words(outcome)}"));
    }

    private static string Words(RemovalOutcome outcome) => outcome switch
    {
        RemovalOutcome.Deleted => "deleted",
        RemovalOutcome.Absent => "was not there",
        RemovalOutcome.Kept => $"kept, since its annotation `{ResourceRemoval.PolicyAnnotation}` says so",
        RemovalOutcome.OfAnother => "kept, since devloop did not apply it for this project",
        _ => "kept, since others may use it",
    };
}
