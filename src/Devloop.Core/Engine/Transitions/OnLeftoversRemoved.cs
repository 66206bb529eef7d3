namespace Devloop.Engine.Transitions;

/// <summary>What left the config is gone, or would not go. It is not tried again before the config changes, or another run.</summary>
internal static class OnLeftoversRemoved
{
    public static void Apply(Turn turn, EngineEvent.LeftoversRemoved e)
    {
        if (turn.State.Removing != e.Work)
            return;
        turn.State = turn.State with
        {
            Removing = WorkId.None,
            RemovedFor = e.For,
            RemovalFailure = e.Failures,
            RemovalFailureOfEnvironment = e.Environment,
        };
    }
}
