using Devloop.Engine;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Waits for an engine that went away. A dead socket tells nothing, so it is asked now and then, ever more rarely.</summary>
public sealed class EngineReturn(World world)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    public async Task<EngineEvent> AwaitAsync(EngineEffect.AwaitEngine effect, CancellationToken cancellationToken)
    {
        long began = world.Clock.GetTimestamp();
        for (TimeSpan wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            EngineProbe probe = await world.Store.ProbeAsync(cancellationToken).ConfigureAwait(false);
            if (probe is not EngineProbe.Unreachable away)
                return new EngineEvent.EngineAnswered(effect.Work, null);
            if (effect.Patience is { } patience && world.Clock.GetElapsedTime(began) >= patience)
                return new EngineEvent.EngineAnswered(effect.Work, away.Why);
            await Task.Delay(wait, world.Clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
