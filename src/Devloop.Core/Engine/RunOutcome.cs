using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>How a run of once stands.</summary>
public enum RunOutcome
{
    Running,
    Succeeded,
    BuildFailed,
    DeployFailed,
    NotHealthy,
    Environment,
    Interrupted,
}

public static class RunOutcomes
{
    /// <summary>
    /// A failure ends the run only when nothing is left to do that could tell more: the user hears of every failed build, not of the first alone.
    /// </summary>
    public static RunOutcome Of(EngineState state)
    {
        if (state.Stopping)
            return RunOutcome.Interrupted;
        bool works = state.Reload != WorkId.None || state.AwaitingEngine != WorkId.None
            || state.Images.Values.Any(i => i.Fingerprinting != WorkId.None || i.Building is not null || i.Pushing != WorkId.None || i.Pulling != WorkId.None)
            || (Sharing.AwaitsPublication(state) && state.Images.Values.Any(i => i.Publishing != WorkId.None))
            || state.Removing != WorkId.None
            || state.Resources.Values.Any(r => r.Deploying != WorkId.None || r.Updates is not null || LiveStand.IsUpdating(r) || r.Local is { Looking.Value: > 0 });
        if (state.TimedOut)
            return state.Resources.Values.Any(IsPending) || !AllBuilt(state) ? RunOutcome.NotHealthy : RunOutcome.Succeeded;
        if (works)
            return RunOutcome.Running;
        if (state.Images.Values.Any(i => i.Failure is { Environment: true }) || state.Resources.Values.Any(r => !r.Failure.IsEmpty && r.FailureOfEnvironment) || state.RemovalFailureOfEnvironment)
            return RunOutcome.Environment;
        if (state.Images.Values.Any(i => i.Failure is not null))
            return RunOutcome.BuildFailed;
        if (state.Resources.Values.Any(r => !r.Failure.IsEmpty) || !state.RemovalFailure.IsEmpty)
            return RunOutcome.DeployFailed;
        if (state.Resources.Values.Any(r => r.SettledBroken))
            return RunOutcome.NotHealthy;
        return AllBuilt(state) && !state.Resources.Values.Any(IsPending) ? RunOutcome.Succeeded : RunOutcome.Running;
    }

    /// <summary>Nothing runs and nothing is left to start: what there is to see is there.</summary>
    public static bool IsQuiet(EngineState state) =>
        state.Reload == WorkId.None && state.Removing == WorkId.None
        && state.Images.Values.All(i => i.Pushing == WorkId.None && i.Pulling == WorkId.None && i.Fingerprinting == WorkId.None && i.Building is null or { InBackground: true })
        && (!Sharing.AwaitsPublication(state) || state.Images.Values.All(i => i.Publishing == WorkId.None))
        && state.Resources.Values.All(r => r.Deploying == WorkId.None && r.Local is not { Looking.Value: > 0 } && r.Control.Removing == WorkId.None
            && r.Updates is null
            && (r.Failure.Length > 0 || r.Health is Health.Ready or Health.Completed or Health.Failed || IsHeld(r)));

    private static bool IsHeld(ResourceState resource) => resource.Deployed is null;

    private static bool AllBuilt(EngineState state) => state.Images.Keys.All(i => Holds.Deliverable(state, i));

    private static bool IsPending(ResourceState resource) =>
        resource.Deploying != WorkId.None || resource.Deployed is null || !resource.Health.IsGood() || resource.UnsteadyUntil is not null;
}
