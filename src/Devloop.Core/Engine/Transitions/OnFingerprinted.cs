using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>The key of an image is known: nothing to do, found under its key, or to be built.</summary>
internal static class OnFingerprinted
{
    public static void Apply(Turn turn, EngineEvent.Fingerprinted e)
    {
        if (turn.Find(e.Image) is not { } image || image.Fingerprinting != e.Work)
            return;
        image = image with { Fingerprinting = WorkId.None, Inputs = KnownInputs.Of(e.Fingerprint.Inputs) };
        turn.State = turn.State with { Project = turn.State.Project.Knowing([e.Fingerprint.Image]) };
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

        if (image.Result is { } result && result.Key == e.Fingerprint.Key && !image.Reasons.Any(r => r is BuildReason.Asked))
            Marks.Settle(turn, e.Image, image, result);
        else if (e.Known is { } known)
            Marks.Settle(turn, e.Image, Where(image, e.Fingerprint.Key, known), new ImageResult(e.Fingerprint.Key, known.Digest, BuildKind.Reused));
        else
            turn.Set(e.Image, image with { Queued = e.Fingerprint, Reasons = Marks.Precise(image.Reasons, e.Fingerprint.Differences) });
    }

    private static ImageState Where(ImageState image, ContentKey key, KnownImage known) => image with
    {
        InEngine = known.InEngine ? known.Digest : image.InEngine,
        Delivered = known.Published ? known.Digest : image.Delivered,
        Published = known.Published ? key : image.Published,
    };

    public static void Apply(Turn turn, EngineEvent.FingerprintFailed e)
    {
        if (turn.Find(e.Image) is not { } image || image.Fingerprinting != e.Work)
            return;
        turn.Cancel(image.Building?.Work ?? WorkId.None);
        turn.Set(e.Image, image with { Fingerprinting = WorkId.None, Building = null, Queued = null, Failure = new ImageFailure(e.Diagnostics, e.Environment) });
        OnEngineAway.AwaitAfter(turn, e.Diagnostics);
    }
}
