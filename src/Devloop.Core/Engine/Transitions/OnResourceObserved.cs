using Devloop.Engine.Live;
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
        if (e.Health is Health.Ready ready && LiveStand.IsUpdating(resource) && resource.Health is not Health.Ready)
        {
            // A pod that came back is ready once it shows what the others show.
            turn.Set(e.Resource, resource with { Observed = ready, Health = new Health.Progressing(ready.ReadyCount, ready.Wanted, "its containers are given the latest files", []) });
            return;
        }
        resource = resource with { Observed = null };
        TimeSpan? patience = PatienceFor(e.Health, turn.State.Options);
        if (patience is { } some && (resource.BrokenSince is null || patience != PatienceFor(resource.Health, turn.State.Options)))
            turn.Ask(new EngineEffect.WakeAfter(e.Resource, some));
        turn.Set(e.Resource, resource with
        {
            Health = e.Health,
            BrokenSince = patience is null ? null : resource.BrokenSince ?? e.At,
            SettledBroken = patience is not null && resource.SettledBroken,
            UnsteadyUntil = Unsteady(turn, e, resource),
            WasReady = resource.WasReady || e.Health is Health.Ready or Health.Completed,
        });
    }

    public static void Apply(Turn turn, EngineEvent.Woke e)
    {
        if (turn.Find(e.Resource) is not { } resource)
            return;
        if (resource is { Refused: not null, FailureOfEnvironment: true })
            resource = resource with { Refused = null };
        else if (resource.BrokenSince is { } since && e.At - since >= PatienceFor(resource.Health, turn.State.Options))
            resource = resource with { SettledBroken = true };
        if (resource.UnsteadyUntil <= e.At)
            resource = resource with { UnsteadyUntil = null };
        turn.Set(e.Resource, resource);
    }

    /// <summary>How long it may look so; null when it does not look broken.</summary>
    private static TimeSpan? PatienceFor(Health health, RunOptions options)
    {
        if (health is not Health.Failed failed)
            return null;
        if (health.IsHopeless())
            return options.Settle < LastWords ? options.Settle : LastWords;
        return failed.Patience is { } longer && longer > options.Settle ? longer : options.Settle;
    }

    /// <summary>What a container wrote last comes a moment after the news that it ended, and is what people need to read.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    /// <summary>Until when a readiness is not believed that nothing vouches for.</summary>
    private static TimeSpan? Unsteady(Turn turn, EngineEvent.ResourceObserved e, ResourceState resource)
    {
        RunOptions options = turn.State.Options;
        if (options.Mode != RunMode.Once || options.Steady <= TimeSpan.Zero || !resource.Changed || e.Health is not Health.Ready { Probed: false })
            return null;
        if (resource.Health is Health.Ready)
            return resource.UnsteadyUntil;
        turn.Ask(new EngineEffect.WakeAfter(e.Resource, options.Steady));
        return e.At + options.Steady;
    }
}
