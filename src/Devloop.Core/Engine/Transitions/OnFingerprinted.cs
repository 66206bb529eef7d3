using Devloop.Model;

namespace Devloop.Engine.Transitions;

/// <summary>The key of an image is known: nothing to do, found under its key, or to be built.</summary>
internal static class OnFingerprinted
{
    public static void Apply(Turn turn, EngineEvent.Fingerprinted e)
    {
        if (turn.Find(e.Image) is not { } image || image.Fingerprinting != e.Work)
            return;
        image = image with { Fingerprinting = WorkId.None };
        if (image.Building is { } running)
        {
            if (running.Fingerprint.Key == e.Fingerprint.Key)
            {
                turn.Set(e.Image, image);
                return;
            }
            turn.Cancel(running.Work);
            image = image with { Building = null };
        }

        if (image.Result is { } result && result.Key == e.Fingerprint.Key && !image.Reasons.Any(r => r is Planning.BuildReason.Asked))
            Marks.Settle(turn, e.Image, image, result);
        else if (e.Known is { } digest)
            Marks.Settle(turn, e.Image, image, new ImageResult(e.Fingerprint.Key, digest, BuildKind.Reused));
        else
            turn.Set(e.Image, image with { Queued = e.Fingerprint });
    }

    public static void Apply(Turn turn, EngineEvent.FingerprintFailed e)
    {
        if (turn.Find(e.Image) is not { } image || image.Fingerprinting != e.Work)
            return;
        turn.Cancel(image.Building?.Work ?? WorkId.None);
        turn.Set(e.Image, image with { Fingerprinting = WorkId.None, Building = null, Queued = null, Failure = new ImageFailure(e.Diagnostics, e.Environment) });
    }
}
