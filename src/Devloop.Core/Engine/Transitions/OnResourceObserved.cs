using Devloop.Rollout;

namespace Devloop.Engine.Transitions;

/// <summary>The cluster says how a resource does.</summary>
internal static class OnResourceObserved
{
    public static void Apply(Turn turn, EngineEvent.ResourceObserved e)
    {
        // What is seen while objects are being applied belongs to neither state.
        if (turn.Find(e.Resource) is not { Deploying.Value: 0, Deployed: not null } resource)
            return;
        bool broken = e.Health is Health.Failed;
        if (broken && resource.BrokenSince is null)
            turn.Ask(new EngineEffect.WakeAfter(e.Resource, turn.State.Options.Settle));
        turn.Set(e.Resource, resource with
        {
            Health = e.Health,
            BrokenSince = broken ? resource.BrokenSince ?? e.At : null,
            SettledBroken = broken && resource.SettledBroken,
            WasReady = resource.WasReady || e.Health is Health.Ready or Health.Completed,
        });
    }

    public static void Apply(Turn turn, EngineEvent.Woke e)
    {
        if (turn.Find(e.Resource) is not { } resource)
            return;
        if (resource is { Refused: not null, FailureOfEnvironment: true })
            turn.Set(e.Resource, resource with { Refused = null });
        else if (resource.BrokenSince is { } since && e.At - since >= turn.State.Options.Settle)
            turn.Set(e.Resource, resource with { SettledBroken = true });
    }
}
