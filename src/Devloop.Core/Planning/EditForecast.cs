using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning.Live;

namespace Devloop.Planning;

/// <summary>
/// What edits would lead to if everything were up to date now. The edits are taken to matter: what they write is not known. An edit of the
/// config or of an ignore file may or may not, so what it may change is a <see cref="BuildAction.Maybe"/>.
/// </summary>
public static class EditForecast
{
    /// <param name="paths">Relative to the project, or absolute.</param>
    /// <param name="rulesOf">How edits come to running containers of an image; null goes by what the config says.</param>
    public static Plan Of(ResolvedProject project, ImmutableArray<string> paths, Func<ImageName, LiveRules?>? rulesOf = null)
    {
        ImmutableArray<PlannedDeploy> runs = LocalForecast.Of(project, paths);
        var builds = new Dictionary<ImageName, PlannedBuild>();
        foreach (ImageName name in project.Graph.BottomUp)
        {
            if (BuildOf(project, name, paths, builds, runs) is { } build)
                builds.Add(name, build);
        }
        ImmutableArray<PlannedDeploy> deploys = [.. runs, .. project.Resources.Where(r => r.Local is null).Select(r => DeployOf(r, paths, builds)).OfType<PlannedDeploy>()];
        var plan = new Plan([.. project.Graph.BottomUp.Where(builds.ContainsKey).Select(i => builds[i])], deploys,
            Unaffected(project, builds.ContainsKey, deploys), [.. paths.Select(p => UseOf(project, p))]);
        return new LiveForecasts(project, rulesOf ?? project.LiveRulesOf).In(plan, paths);
    }

    /// <summary>The nodes of a project that no build and no deploy is about.</summary>
    internal static ImmutableArray<string> Unaffected(ResolvedProject project, Func<ImageName, bool> isAffected, ImmutableArray<PlannedDeploy> deploys)
    {
        var resources = deploys.Select(d => d.Resource).ToHashSet();
        return
        [
            .. project.Graph.BottomUp.Where(i => !isAffected(i)).Select(i => i.Value),
            .. project.Resources.Where(r => !resources.Contains(r.Name)).Select(r => ProjectGraph.IdOf(project, r.Name)),
        ];
    }

    private static PlannedBuild? BuildOf(ResolvedProject project, ImageName name, ImmutableArray<string> paths, Dictionary<ImageName, PlannedBuild> below, ImmutableArray<PlannedDeploy> runs)
    {
        ImageDefinition image = project.Image(name);
        var certain = ImmutableArray.CreateBuilder<BuildReason>();
        var possible = ImmutableArray.CreateBuilder<BuildReason>();
        foreach (string path in paths)
        {
            if (image.ReadsToBuild(path) is { } reason)
                certain.Add(reason);
            else if (path == image.DockerfileName)
                certain.Add(new BuildReason.DefinitionChanged(path));
            else if (path == project.Config.ConfigFile || image.IgnoreFiles.Contains(path))
                possible.Add(new BuildReason.DefinitionChanged(path));
        }
        possible.AddRange(project.Graph.Bases(name).Where(below.ContainsKey).Select(b => new BuildReason.BaseFirst(b)));
        possible.AddRange(project.Producers.Of(name).Where(l => runs.Any(r => r.Resource == l)).Select(l => new BuildReason.LocalFirst(l)));
        if (certain.Count == 0 && possible.Count == 0)
            return null;
        return new PlannedBuild(name, certain.Count > 0 ? BuildAction.Build : BuildAction.Maybe, [.. certain, .. possible]);
    }

    private static PlannedDeploy? DeployOf(ResourceDefinition resource, ImmutableArray<string> paths, Dictionary<ImageName, PlannedBuild> builds)
    {
        ImmutableArray<DeployReason> reasons =
        [
            .. resource.Objects.Select(o => o.At.File).Distinct(StringComparer.Ordinal).Where(f => paths.Contains(f)).Select(f => new DeployReason.ManifestChanged(f)),
            .. resource.Images.Where(builds.ContainsKey).Select(i => Because(builds[i])),
        ];
        if (reasons.IsEmpty)
            return null;
        return new PlannedDeploy(resource.Name, reasons.All(r => r is DeployReason.ImageMaybe) ? DeployAction.Maybe : DeployAction.Apply, reasons);
    }

    internal static DeployReason Because(PlannedBuild build) =>
        build.Action == BuildAction.Build ? new DeployReason.ImageBuilt(build.Image) : new DeployReason.ImageMaybe(build.Image);

    /// <summary>What each image whose context holds a path says of it.</summary>
    public static PathUse UseOf(ResolvedProject project, string path) =>
        new(path, [.. project.Graph.BottomUp.Select(i => project.Image(i).Explain(path)).OfType<PathVerdict>()]) { Locals = [.. project.Resources.Where(r => r.Local?.Inputs.Reads(path, known: null) == true).Select(r => r.Name)] };
}
