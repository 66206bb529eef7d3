using Devloop.Manifests;
using Devloop.Model;

namespace Devloop.Engine.Transitions;

/// <summary>
/// What left the config is gone, or would not go. What the cluster refuses is not tried again before the config changes, or another run;
/// a cluster out of reach is asked again after a while.
/// </summary>
internal static class OnLeftoversRemoved
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public static void Apply(Turn turn, EngineEvent.LeftoversRemoved e)
    {
        if (turn.State.Removing != e.Work)
            return;
        turn.State = turn.State with
        {
            Removing = WorkId.None,
            RemovedFor = e.Environment ? turn.State.RemovedFor : e.For,
            RemovalFailure = e.Failures,
            RemovalFailureOfEnvironment = e.Environment,
        };
        if (e.Environment && turn.State.Options.Mode == RunMode.Up)
            turn.Ask(new EngineEffect.WakeAfter(new ResourceName(Grouping.Uncategorized), RetryAfter));
    }

    /// <summary>A while has passed.</summary>
    public static void Retry(Turn turn)
    {
        if (turn.State.RemovalFailureOfEnvironment)
            turn.State = turn.State with { RemovalFailureOfEnvironment = false };
    }
}
