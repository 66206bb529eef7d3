using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>How one image's news reaches others.</summary>
internal static class Marks
{
    private const int MostReasons = 20;

    /// <summary>To be looked at again. A fingerprint that is being taken may have missed the change: it is ended, and would not count.</summary>
    public static ImageState Dirty(Turn turn, ImageState image, BuildReason reason)
    {
        turn.Cancel(image.Fingerprinting);
        return image with
        {
            Dirty = true,
            Fingerprinting = WorkId.None,
            Reasons = AddsNothing(image.Reasons, reason) ? image.Reasons : image.Reasons.Add(reason),
        };
    }

    /// <summary>To be looked at again, and nothing that was known of its inputs is relied on.</summary>
    public static ImageState DirtyWithAllInputs(Turn turn, ImageState image, BuildReason reason) => Dirty(turn, image, reason) with { Inputs = null };

    /// <summary>A first build needs no further reason.</summary>
    private static bool AddsNothing(ImmutableArray<BuildReason> reasons, BuildReason reason) =>
        reasons.Length >= MostReasons || reasons.Contains(reason) || reasons.Any(r => r is BuildReason.FirstBuild);

    /// <summary>Once it is known what differs, that is the reason; what made one look is not, but for what the user or a failure asked for.</summary>
    public static ImmutableArray<BuildReason> Precise(ImmutableArray<BuildReason> reasons, ImmutableArray<BuildReason> differences) => differences.IsEmpty
        ? reasons
        : [.. reasons.Where(r => r is BuildReason.Asked or BuildReason.Retry or BuildReason.BuilderLost or BuildReason.ChangedWhileSent or BuildReason.PullFailed), .. differences.Where(d => d is not BuildReason.ImageGone || !reasons.Any(r => r is BuildReason.Asked))];

    /// <summary>An image has a result: its children are to be looked at when it is another than before. This is the early cutoff.</summary>
    public static void Settle(Turn turn, ImageName name, ImageState image, ImageResult result)
    {
        bool changed = image.Result?.Digest != result.Digest;
        turn.Set(name, image with { Result = result, Failure = null, Reasons = [], Building = null, Queued = null });
        if (!changed)
            return;
        foreach (ImageName child in turn.State.Project.Graph.Children(name))
            turn.Set(child, Dirty(turn, turn.State.Images[child], new BuildReason.BaseChanged(name, result.Tag)));
    }
}
