using Devloop.Engine.Live;
using Devloop.Model;

namespace Devloop.Engine.Transitions;

/// <summary>It is settled which image counts under a key: ours, or one that another publisher had there first.</summary>
internal static class OnPublished
{
    public static void Apply(Turn turn, EngineEvent.Published e)
    {
        if (turn.Find(e.Image) is not { } image || image.Publishing != e.Work)
            return;
        image = image with { Publishing = WorkId.None };
        turn.Set(e.Image, image);
        // What changed meanwhile is published under its own key, when it is known.
        if (image is not { Settled: true, Failure: null, Result: { } result } || result.Key != e.Key)
            return;
        image = image with { Published = e.Key };
        if (e.Counts == result.Digest || e.Counts == image.Unpullable)
            turn.Set(e.Image, image);
        else
            Adopt(turn, e, image);
    }

    private static void Adopt(Turn turn, EngineEvent.Published e, ImageState image)
    {
        if (image.Seen is { } seen && seen.Key == e.Key)
            LiveContents.Remember(turn, e.Image, e.Counts, seen);
        Marks.Settle(turn, e.Image, image with { Delivered = e.Counts }, new ImageResult(e.Key, e.Counts, BuildKind.Reused));
    }
}
