using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Which local commands run.</summary>
internal static class LocalForecast
{
    /// <summary>After edits, if everything were up to date now. What another command may write may or may not change.</summary>
    /// <param name="paths">Relative to the project, or absolute.</param>
    public static ImmutableArray<PlannedDeploy> Of(ResolvedProject project, ImmutableArray<string> paths)
    {
        var runs = new Dictionary<ResourceName, PlannedDeploy>();
        ResourceDefinition[] locals = [.. project.Resources.Where(r => r.Local is not null)];
        // One may feed another that stands before it.
        for (bool more = true; more;)
        {
            more = false;
            foreach (ResourceDefinition local in locals.Where(l => !runs.ContainsKey(l.Name)))
            {
                if (Of(project, local, paths, runs) is not { } run)
                    continue;
                runs.Add(local.Name, run);
                more = true;
            }
        }
        return [.. locals.Where(l => runs.ContainsKey(l.Name)).Select(l => runs[l.Name])];
    }

    /// <summary>At the start of a run every one does: what it wrote in an earlier one may be gone.</summary>
    public static PlannedDeploy AtStart(ResourceDefinition local) => new(local.Name, DeployAction.Run, [new DeployReason.Run(new RunReason.FirstRun())]);

    private static PlannedDeploy? Of(ResolvedProject project, ResourceDefinition local, ImmutableArray<string> paths, Dictionary<ResourceName, PlannedDeploy> runs)
    {
        DeployReason[] certain = [.. paths.Where(p => local.Local!.Inputs.Reads(p, known: null)).Select(p => new DeployReason.Run(new RunReason.FileChanged(p)))];
        DeployReason[] possible =
        [
            .. project.Producers.Of(local.Name).Where(runs.ContainsKey).Select(l => new DeployReason.Run(new RunReason.OutputMaybe(l))),
            .. paths.Where(p => p == project.Config.ConfigFile).Select(p => new DeployReason.Run(new RunReason.DefinitionChanged(p))),
        ];
        return certain.Length + possible.Length == 0 ? null
            : new PlannedDeploy(local.Name, certain.Length > 0 ? DeployAction.Run : DeployAction.Maybe, [.. certain, .. possible]);
    }
}
