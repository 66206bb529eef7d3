using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>Files changed: whoever reads one of them is to be looked at again. Whether it matters, the key will say.</summary>
internal static class OnFilesChanged
{
    public static void Apply(Turn turn, EngineEvent.FilesChanged e)
    {
        ResolvedProject project = turn.State.Project;
        if (e.Paths.Any(project.IsConfig))
            Reload(turn);
        foreach (ImageDefinition definition in project.Images)
        {
            ImageState image = turn.State.Images[definition.Name];
            bool firstReading = image.Inputs is null && image.Fingerprinting != WorkId.None;
            BuildReason.FileChanged[] read = [.. e.Paths
                .Select(p => definition.Reads(p, image.Inputs?.Reading) ?? (firstReading ? definition.MayLeadToInputs(p) : null)).OfType<BuildReason.FileChanged>()];
            if (read.Length > 0)
                turn.Set(definition.Name, Marks.Dirty(turn, image with { Inputs = image.Inputs?.With(read.Select(r => r.File)) }, read[0]));
            else if (image is { Settled: true, Failure.Environment: true })
                turn.Set(definition.Name, Marks.Dirty(turn, image, new BuildReason.Retry()));
        }
        LocalMarks.FilesChanged(turn, e);
        foreach ((ResourceName name, ResourceState resource) in turn.State.Resources)
        {
            if (resource is { Refused: not null, FailureOfEnvironment: true })
                turn.Set(name, resource with { Refused = null });
        }
    }

    /// <summary>Anything may have changed.</summary>
    public static void LookAtEverything(Turn turn, BuildReason why)
    {
        Reload(turn);
        foreach ((ImageName name, ImageState image) in turn.State.Images)
            turn.Set(name, Marks.DirtyWithAllInputs(turn, image, why));
        LocalMarks.LookAtEverything(turn);
    }

    private static void Reload(Turn turn)
    {
        if (turn.State.Reload != WorkId.None)
        {
            turn.State = turn.State with { ReloadAgain = true };
            return;
        }
        WorkId work = turn.NewWork();
        turn.State = turn.State with { Reload = work };
        turn.Ask(new EngineEffect.LoadProject(work));
    }
}
