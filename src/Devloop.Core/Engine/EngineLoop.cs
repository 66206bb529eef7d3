using System.Collections.Immutable;
using System.Threading.Channels;

namespace Devloop.Engine;

/// <summary>One step as it was taken: everything a face needs to tell what happened.</summary>
public sealed record EngineStep(EngineState Before, EngineEvent Happened, EngineState After, ImmutableArray<EngineEffect> Effects);

/// <summary>Starts effects; each answers by an event.</summary>
public interface IEffectRunner
{
    void Start(EngineEffect effect, Action<EngineEvent> answer);
}

/// <summary>
/// Owns the state. Events come in through one channel and are taken one at a time, so the state needs no lock.
/// The channel is unbounded: an event is small, and none may be lost.
/// </summary>
public sealed class EngineLoop(EngineState initial, IEffectRunner effects, TimeProvider clock, Action<EngineStep> watch)
{
    private readonly Channel<EngineEvent> _events = Channel.CreateUnbounded<EngineEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly long _began = clock.GetTimestamp();

    /// <summary>The state after the last step; read it from the watcher's call, or after the run.</summary>
    public EngineState State { get; private set; } = initial;

    /// <summary>Says what happened; from any thread. After the end nothing is heard.</summary>
    public void Tell(EngineEvent happened) => _events.Writer.TryWrite(happened with { At = clock.GetElapsedTime(_began) });

    /// <summary>Takes steps until the condition holds after one, or the run is stopped.</summary>
    public async Task<EngineState> RunAsync(Func<EngineState, bool> until, CancellationToken cancellationToken)
    {
        Tell(new EngineEvent.Started());
        await foreach (EngineEvent happened in _events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            EngineState before = State;
            (State, ImmutableArray<EngineEffect> asked) = Transition.Step(before, happened);
            foreach (EngineEffect effect in asked)
                effects.Start(effect, Tell);
            watch(new EngineStep(before, happened, State, asked));
            if (State.Stopping || until(State))
                break;
        }
        _events.Writer.TryComplete();
        return State;
    }
}
