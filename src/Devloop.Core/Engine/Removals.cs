using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>When what left the config is deleted from the cluster: after all that is in it was applied, so that nothing is gone before its successor is there.</summary>
internal static class Removals
{
    public static void StartWhatCan(Turn turn)
    {
        EngineState state = turn.State;
        if (!AreDue(state) || state.Removing != WorkId.None || !state.Project.Resources.All(r => IsApplied(state, r)))
            return;
        WorkId work = turn.NewWork();
        turn.State = turn.State with { Removing = work };
        turn.Ask(new EngineEffect.RemoveLeftovers(work, turn.State.Project));
    }

    /// <summary>
    /// The objects of the config are others than when it was looked last. What stands in a broken config is not known, so nothing is. A run
    /// that never had a resource has no cluster to look at.
    /// </summary>
    private static bool AreDue(EngineState state) =>
        state.Options.Mode != RunMode.BuildOnly && !(state.RemovedFor.IsDefault && state.Project.Resources.All(r => r.Local is not null))
        && !state.RemovalFailureOfEnvironment && state.RemovedFor != state.Project.Resources && !state.ConfigProblems.Any(p => p.Severity == Severity.Error);

    /// <summary>Applied as it is now, or waiting for nothing but the user's word.</summary>
    private static bool IsApplied(EngineState state, ResourceDefinition definition) => definition.Local is not null ||
        state.Resources.TryGetValue(definition.Name, out ResourceState? resource)
        && resource.Deploying == WorkId.None && resource.Failure.IsEmpty
        && Holds.OfDeploy(state, definition) switch
        {
            null => resource.Deployed is not null,
            HoldReason.ForImage or HoldReason.ForAllImages or HoldReason.ForResource or HoldReason.ImageFailed or HoldReason.BaseFailed
                or HoldReason.ForLocal or HoldReason.LocalFailed or HoldReason.ForDeps => false,
            _ => true,
        };
}
