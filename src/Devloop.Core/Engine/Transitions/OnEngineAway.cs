using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Engine.Transitions;

/// <summary>
/// The engine that builds went away. A build that was lost with it is done once more when it answers again; in the loop, what failed because
/// it did not answer is tried again too.
/// </summary>
internal static class OnEngineAway
{
    /// <summary>How long a run of once waits: an engine that is restarted answers within seconds.</summary>
    private static readonly TimeSpan PatienceOfOnce = TimeSpan.FromSeconds(30);

    /// <summary>A build was lost. One that is lost twice fails: it may be what brings the engine down.</summary>
    public static void Lose(Turn turn, ImageName name, RunningBuild running, BuildOutcome.Lost lost)
    {
        ImageState image = turn.State.Images[name] with { Building = null };
        if (image.BuiltAgain == running.Fingerprint.Key)
        {
            turn.Set(name, image with { Failure = new ImageFailure([lost.Why], Environment: true) });
            return;
        }
        turn.Set(name, image with
        {
            BuiltAgain = running.Fingerprint.Key,
            // An edit that came meanwhile is looked at first, and may make another build of it.
            Queued = image.Dirty || image.Fingerprinting != WorkId.None ? null : running.Fingerprint,
            Reasons = image.Reasons.Add(new BuildReason.BuilderLost()),
        });
        Await(turn);
    }

    /// <summary>Something failed; when that was because the engine did not answer, the loop waits until it does.</summary>
    public static void AwaitAfter(Turn turn, ImmutableArray<Diagnostic> diagnostics)
    {
        if (turn.State.Options.Mode == RunMode.Up && IsAway(diagnostics))
            Await(turn);
    }

    public static void Apply(Turn turn, EngineEvent.EngineAnswered e)
    {
        if (turn.State.AwaitingEngine != e.Work)
            return;
        turn.State = turn.State with { AwaitingEngine = WorkId.None };
        foreach ((ImageName name, ImageState image) in turn.State.Images)
        {
            if (e.Away is { } why && image.Queued is not null)
                turn.Set(name, image with { Queued = null, Failure = new ImageFailure([why], Environment: true) });
            else if (e.Away is null && image is { Settled: true, Failure: { } failure } && IsAway(failure.Diagnostics))
                turn.Set(name, Marks.Dirty(turn, image, new BuildReason.Retry()));
        }
    }

    private static void Await(Turn turn)
    {
        if (turn.State.AwaitingEngine != WorkId.None)
            return;
        WorkId work = turn.NewWork();
        turn.State = turn.State with { AwaitingEngine = work };
        turn.Ask(new EngineEffect.AwaitEngine(work, turn.State.Options.Mode == RunMode.Up ? null : PatienceOfOnce));
    }

    private static bool IsAway(ImmutableArray<Diagnostic> diagnostics) => diagnostics.Any(d => d.Code is DiagnosticCode.EngineUnreachable or DiagnosticCode.BuilderUnreachable);
}
