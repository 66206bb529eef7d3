namespace Devloop.Engine.Transitions;

internal static class OnPushFinished
{
    public static void Apply(Turn turn, EngineEvent.PushFinished e)
    {
        if (turn.Find(e.Image) is not { } image || image.Pushing != e.Work)
            return;
        image = image with { Pushing = WorkId.None };
        turn.Set(e.Image, e.Failure is { } why
            ? image with { Failure = new ImageFailure([why], Environment: why.Code == Diagnostics.DiagnosticCode.RegistryUnreachable) }
            : image with { Delivered = e.Digest });
    }
}
