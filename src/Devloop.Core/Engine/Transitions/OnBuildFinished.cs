using System.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Engine.Transitions;

internal static class OnBuildFinished
{
    public static void Apply(Turn turn, EngineEvent.BuildFinished e)
    {
        if (turn.Find(e.Image) is not { Building: { } running } image || running.Work != e.Work)
            return;
        switch (e.Outcome)
        {
            case BuildOutcome.Built built:
                var result = new ImageResult(running.Fingerprint.Key, built.Digest, BuildKind.Built) { Steps = e.Steps };
                LiveContents.Remember(turn, e.Image, built.Digest, running.Fingerprint);
                Marks.Settle(turn, e.Image, image with { InEngine = built.Digest, BuiltAgain = null }, result);
                // The reasons of edits that came during the build are those of the next look.
                if (image.Dirty || image.Fingerprinting != WorkId.None)
                    turn.Set(e.Image, turn.State.Images[e.Image] with { Reasons = image.Reasons });
                break;
            case BuildOutcome.Failed failed:
                turn.Set(e.Image, image with { Building = null, Failure = new ImageFailure(failed.Diagnostics, failed.Environment) { Steps = e.Steps } });
                OnEngineAway.AwaitAfter(turn, failed.Diagnostics);
                break;
            case BuildOutcome.Lost lost:
                OnEngineAway.Lose(turn, e.Image, running, lost);
                break;
            case BuildOutcome.Obsolete obsolete:
                turn.Set(e.Image, Marks.DirtyWithAllInputs(turn, image with { Building = null }, new BuildReason.ChangedWhileSent(obsolete.Path)));
                break;
            default:
                throw new UnreachableException();
        }
    }
}
