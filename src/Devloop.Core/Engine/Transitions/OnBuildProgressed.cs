namespace Devloop.Engine.Transitions;

internal static class OnBuildProgressed
{
    public static void Apply(Turn turn, EngineEvent.BuildProgressed e)
    {
        if (turn.Find(e.Image) is { Building: { } running } image && running.Work == e.Work)
            turn.Set(e.Image, image with { Building = running with { Steps = e.Steps } });
    }
}
