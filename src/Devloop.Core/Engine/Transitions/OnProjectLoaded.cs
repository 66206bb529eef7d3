using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>The config was read again: only what it says differently is looked at. A broken config leaves the last good one in force.</summary>
internal static class OnProjectLoaded
{
    public static void Apply(Turn turn, EngineEvent.ProjectLoaded e)
    {
        if (turn.State.Reload != e.Work)
            return;
        turn.State = turn.State with { Reload = WorkId.None, ConfigProblems = e.Project.Diagnostics };
        if (e.Project.TryGet(out ResolvedProject? project) && !project.SameAs(turn.State.Project))
            Adopt(turn, project);
        if (turn.State.ReloadAgain)
        {
            WorkId again = turn.NewWork();
            turn.State = turn.State with { ReloadAgain = false, Reload = again };
            turn.Ask(new EngineEffect.LoadProject(again));
        }
    }

    private static void Adopt(Turn turn, ResolvedProject project)
    {
        ResolvedProject before = turn.State.Project;
        var images = project.Images.ToDictionary(i => i.Name, i => Carry(turn, before, i));
        foreach ((ImageName name, ImageState gone) in turn.State.Images)
        {
            if (images.ContainsKey(name))
                continue;
            turn.Cancel(gone.Fingerprinting);
            turn.Cancel(gone.Building?.Work ?? WorkId.None);
            turn.Cancel(gone.Pushing);
            turn.Cancel(gone.Publishing);
            turn.Cancel(gone.Pulling);
        }
        foreach ((ResourceName name, ResourceState gone) in turn.State.Resources)
        {
            if (!project.Resources.Any(r => r.Name == name))
            {
                turn.Cancel(gone.Deploying);
                turn.Cancel(gone.Local?.Looking ?? WorkId.None);
            }
        }
        // It may have begun to delete what is back in the config now.
        turn.Cancel(turn.State.Removing);
        turn.State = turn.State with
        {
            Removing = WorkId.None,
            // What was learnt of bases holds on where the image is the same.
            Project = project.Knowing([.. before.Images.Where(i => project.HasImage(i.Name) && project.Image(i.Name).Identity == i.Identity)]),
            Images = turn.State.Images.Clear().AddRange(images),
            Resources = turn.State.Options.Mode == RunMode.BuildOnly
                ? turn.State.Resources
                : turn.State.Resources.Clear().AddRange(project.Resources.Select(r => KeyValuePair.Create(r.Name, turn.State.Resources.GetValueOrDefault(r.Name) ?? ResourceState.Of(r)))),
        };
        LocalMarks.Adopt(turn, before);
    }

    private static ImageState Carry(Turn turn, ResolvedProject before, ImageDefinition image)
    {
        if (!turn.State.Images.TryGetValue(image.Name, out ImageState? known))
            return new ImageState { Dirty = true, Reasons = [new BuildReason.FirstBuild()] };
        return before.Image(image.Name).Identity == image.Identity
            ? known
            : Marks.DirtyWithAllInputs(turn, known with { Barred = null, Live = null }, new BuildReason.DefinitionChanged(image.DockerfileName));
    }
}
