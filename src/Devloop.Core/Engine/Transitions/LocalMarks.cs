using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>What becomes of local commands when files or the config change.</summary>
internal static class LocalMarks
{
    private const int MostReasons = 20;

    /// <summary>Files changed: whoever reads one of them is to be looked at again. Whether it matters, the key will say.</summary>
    public static void FilesChanged(Turn turn, EngineEvent.FilesChanged e)
    {
        foreach (ResourceDefinition definition in turn.State.Project.Resources)
        {
            if (definition.Local is not { } local || turn.Find(definition.Name) is not { Local: { } state } resource)
                continue;
            string[] read = [.. e.Paths.Where(p => local.Inputs.Reads(p, state.Known?.Snapshot))];
            if (read.Length > 0)
                turn.Set(definition.Name, Dirty(turn, resource, state with { Known = state.Known?.With(read) }, new RunReason.FileChanged(read[0])));
        }
    }

    /// <summary>Anything may have changed.</summary>
    public static void LookAtEverything(Turn turn)
    {
        foreach ((ResourceName name, ResourceState resource) in turn.State.Resources)
        {
            if (resource.Local is { } local)
                turn.Set(name, Dirty(turn, resource, local with { Known = null }, why: null));
        }
    }

    /// <summary>A local command ran: whoever reads what it writes is to be looked at again.</summary>
    public static void MarkReaders(Turn turn, ResourceName name)
    {
        ResolvedProject project = turn.State.Project;
        if (project.Resources.FirstOrDefault(r => r.Name == name)?.Local is not { } local)
            return;
        foreach (ImageName reader in project.Producers.Images(name))
        {
            if (turn.Find(reader) is { } image)
                turn.Set(reader, Marks.Dirty(turn, image with { Inputs = image.Inputs?.With(local.Command.Produces) }, new BuildReason.LocalRan(name)));
        }
        foreach (ResourceName reader in project.Producers.Locals(name))
        {
            if (turn.Find(reader) is { Local: { } state } resource)
                turn.Set(reader, Dirty(turn, resource, state with { Known = state.Known?.With(local.Command.Produces) }, new RunReason.OutputChanged(name)));
        }
    }

    /// <summary>The config was read again: what it says differently of a local command is looked at; what is gone ends.</summary>
    public static void Adopt(Turn turn, ResolvedProject before)
    {
        foreach (ResourceDefinition old in before.Resources.Where(r => r.Local is not null))
        {
            ResourceDefinition? now = turn.State.Project.Resources.FirstOrDefault(r => r.Name == old.Name);
            if (now?.Local is null)
                turn.Ask(new EngineEffect.StopLocal(old.Name));
        }
        foreach (ResourceDefinition definition in turn.State.Project.Resources)
        {
            if (turn.Find(definition.Name) is not { } resource)
                continue;
            LocalDefinition? old = before.Resources.FirstOrDefault(r => r.Name == definition.Name)?.Local;
            if ((definition.Local is null) != (resource.Local is null))
            {
                turn.Cancel(resource.Deploying);
                turn.Set(definition.Name, ResourceState.Of(definition));
            }
            else if (definition.Local is { } local && resource.Local is { } state && old is not null && (old.Hash != local.Hash || !old.SameRules(local)))
            {
                RunReason? why = old.Hash != local.Hash ? new RunReason.DefinitionChanged(turn.State.Project.Config.ConfigFile) : null;
                turn.Set(definition.Name, Dirty(turn, resource, state with { Known = null }, why));
            }
        }
    }

    /// <summary>To be looked at again. A look that goes on may have missed the change: it is ended, and would not count.</summary>
    private static ResourceState Dirty(Turn turn, ResourceState resource, LocalState local, RunReason? why)
    {
        turn.Cancel(local.Looking);
        bool adds = why is not null && local.Reasons.Length < MostReasons && !local.Reasons.Contains(why) && !local.Reasons.Any(r => r is RunReason.FirstRun);
        return resource with { Local = local with { Dirty = true, Looking = WorkId.None, Reasons = adds ? local.Reasons.Add(why!) : local.Reasons } };
    }
}
