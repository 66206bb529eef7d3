using Devloop.Diagnostics;

namespace Devloop.Engine.Transitions;

internal static class OnPushFinished
{
    public static void Apply(Turn turn, EngineEvent.PushFinished e)
    {
        if (turn.Find(e.Image) is not { } image || image.Pushing != e.Work)
            return;
        image = image with { Pushing = WorkId.None };
        if (e.Failure is not { } why)
        {
            turn.Set(e.Image, image with { Delivered = e.Digest });
            return;
        }
        turn.Set(e.Image, image with { Failure = new ImageFailure([why], Environment: why.Code is DiagnosticCode.RegistryUnreachable or DiagnosticCode.EngineUnreachable) });
        OnEngineAway.AwaitAfter(turn, [why]);
    }
}
