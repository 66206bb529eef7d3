using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>The engine has an image of the registry now; when it cannot get it, the image is built.</summary>
internal static class OnPullFinished
{
    public static void Apply(Turn turn, EngineEvent.PullFinished e)
    {
        if (turn.Find(e.Image) is not { } image || image.Pulling != e.Work)
            return;
        image = image with { Pulling = WorkId.None };
        if (e.Failure is null)
        {
            bool isReused = image.Result is { Kind: BuildKind.Reused } && image.Result.Digest == e.Digest;
            turn.Set(e.Image, image with { InEngine = e.Digest, Result = isReused ? image.Result! with { Kind = BuildKind.Pulled } : image.Result });
        }
        else if (image.Result?.Digest == e.Digest)
        {
            turn.Set(e.Image, Marks.Dirty(turn, image with { Unpullable = e.Digest, Result = null, Delivered = null, Published = null }, new BuildReason.PullFailed()));
        }
        else
        {
            turn.Set(e.Image, image with { Unpullable = e.Digest });
        }
    }
}
