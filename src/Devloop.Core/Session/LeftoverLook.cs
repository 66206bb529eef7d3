using System.Text.Json.Nodes;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>
/// Looks at an object that left the config and says what is to become of it. Never taken away is what another one has by now, the definition
/// of a kind, with which objects of others would go, and what asks to be kept.
/// </summary>
internal sealed class LeftoverLook(ICluster cluster, RecordPlace place, string defaultNamespace)
{
    /// <returns><see cref="RemovalOutcome.Deleted"/> for what is to be deleted, with the object as it is; <see cref="RemovalOutcome.Absent"/> for what is of no matter any more.</returns>
    /// <exception cref="ClusterException">The cluster refuses or gives no answer.</exception>
    public async Task<(RemovalOutcome Outcome, JsonObject? Live)> LookAsync(RecordedObject leftover, ResolvedProject project, CancellationToken cancellationToken)
    {
        JsonObject? live;
        try
        {
            live = await cluster.GetAsync(leftover.Object, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Status == 404)
        {
            // Its kind is gone, and with it every object of that kind.
            return (RemovalOutcome.Absent, null);
        }
        if (live is null || await IsWantedAsync(leftover, live, project, cancellationToken).ConfigureAwait(false))
            return (RemovalOutcome.Absent, null);
        return (!place.Has(live) ? RemovalOutcome.OfAnother
            : ResourceRemoval.AsksToStay(live) ? RemovalOutcome.Kept
            : leftover.Object.Kind.Kind == "CustomResourceDefinition" ? RemovalOutcome.KindKept
            : RemovalOutcome.Deleted, live);
    }

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
