using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>
/// What a run of once deploys when nothing is named: a resource with <c>auto_start: false</c> is left out, unless one that is not needs it,
/// and so are the images that nobody else needs.
/// </summary>
public static class StartingPart
{
    public static ResolvedProject Of(ResolvedProject project)
    {
        var started = new HashSet<ResourceName>();
        var open = new Stack<ResourceDefinition>(project.Resources.Where(r => r.Settings.AutoStart));
        while (open.TryPop(out ResourceDefinition? resource))
        {
            if (!started.Add(resource.Name))
                continue;
            foreach (ResourceDefinition needed in project.Resources.Where(r => resource.Settings.DependsOn.Contains(r.Name)))
                open.Push(needed);
        }
        if (started.Count == project.Resources.Length)
            return project;
        ImmutableArray<ResourceDefinition> kept = [.. project.Resources.Where(r => started.Contains(r.Name))];
        // What no resource runs is built for its own sake, as it is without resources.
        IEnumerable<ImageName> own = project.Images.Select(i => i.Name).Where(i => !project.IsDeployed(i) && project.Graph.Children(i).IsEmpty);
        return project.With(project.Graph.WithBases(kept.SelectMany(r => r.Images).Concat(own)), kept);
    }
}
