using Devloop.Engine.Live;
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
        image = image with { Fingerprinting = WorkId.None, Inputs = KnownInputs.Of(e.Fingerprint.Inputs), Seen = e.Fingerprint, BehindSince = null };
        turn.State = turn.State with { Project = turn.State.Project.Knowing([e.Fingerprint.Image]) };
        if (image.Building is { } running)
        {
            if (running.Fingerprint.Key == e.Fingerprint.Key)
            {
                turn.Set(e.Image, image);
                LiveMarks.Judge(turn, e.Image, asked: false);
                return;
            }
            turn.Cancel(running.Work);
            image = image with { Building = null };
        }

        turn.Set(e.Image, image);
        LiveMarks.Judge(turn, e.Image, WantsImages(turn.State, image));
        image = turn.State.Images[e.Image];
        if (image.Result is { } result && result.Key == e.Fingerprint.Key && !image.Reasons.Any(r => r is BuildReason.Asked))
        {
            LiveContents.Remember(turn, e.Image, result.Digest, e.Fingerprint);
            Marks.Settle(turn, e.Image, image, result);
        }
        else if (e.Known is { } known)
        {
            LiveContents.Remember(turn, e.Image, known.Digest, e.Fingerprint);
            Marks.Settle(turn, e.Image, Where(image, e.Fingerprint.Key, known), new ImageResult(e.Fingerprint.Key, known.Digest, BuildKind.Reused));
        }
        else if (LiveStand.CanWait(turn.State, e.Image))
        {
            turn.Set(e.Image, LiveMarks.Wait(turn, image, e.Image, e.Fingerprint, e.At));
        }
        else if (LiveMarks.BuildBases(turn, e.Image))
        {
            // Its bases are built first, and give it another fingerprint.
            turn.Set(e.Image, image with { Dirty = true });
        }
        else
        {
            turn.Set(e.Image, image with { Queued = e.Fingerprint, Reasons = [.. LiveMarks.Obstacles(turn.State, e.Image), .. Marks.Precise(image.Reasons, e.Fingerprint.Differences)] });
        }
    }

    /// <summary>The user asked for images, and not only for what changes of a resource that takes nothing by itself.</summary>
    private static bool WantsImages(EngineState state, ImageState image) => image.Reasons.Any(r => r is BuildReason.Asked
        || (r is BuildReason.ResourceAsked asked && state.Project.Resources.FirstOrDefault(d => d.Name == asked.Resource) is not { Settings.AutoTrigger: false }));

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
