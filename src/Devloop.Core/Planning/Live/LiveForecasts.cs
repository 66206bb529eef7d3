using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Planning.Live;

/// <summary>Turns a plan of builds for edits into one where running containers are given what they can be given.</summary>
/// <param name="rulesOf">Null for an image without live update.</param>
internal sealed class LiveForecasts(ResolvedProject project, Func<ImageName, LiveRules?> rulesOf)
{
    private readonly Dictionary<ImageName, LiveForecast> _given = [];
    private readonly Dictionary<ImageName, LiveObstacle> _barred = [];

    /// <param name="plan">What would be built and deployed if there were no live update.</param>
    public Plan In(Plan plan, ImmutableArray<string> paths)
    {
        var builds = plan.Builds.ToDictionary(b => b.Image);
        // Also where nothing is built: containers may get what no build reads.
        foreach (ImageName image in project.Graph.BottomUp.Where(project.IsDeployed))
            Judge(image, builds, paths);
        if (_given.Count == 0 && _barred.Count == 0)
            return plan;
        ImmutableHashSet<ImageName> dropped = Dropped(plan);
        return plan with
        {
            Builds = [.. plan.Builds.Where(b => !dropped.Contains(b.Image)).Select(b => _barred.TryGetValue(b.Image, out LiveObstacle? why) ? b with { Reasons = [.. b.Reasons, new BuildReason.NotLive(why)] } : b)],
            Deploys = [.. plan.Deploys.Select(d => RunsToEnd(d.Resource) ? d : Without(d, [.. dropped, .. _given.Keys])).OfType<PlannedDeploy>()],
            LiveUpdates = [.. project.Resources.Where(r => !r.RunsToEnd && r.Images.Any(_given.ContainsKey)).Select(UpdateOf)],
        };
    }

    /// <summary>Only files can be given: what changes how an image is built, or what a command has still to write, is built.</summary>
    private void Judge(ImageName image, Dictionary<ImageName, PlannedBuild> builds, ImmutableArray<string> paths)
    {
        if (rulesOf(image) is not { } rules || project.Resources.All(r => r.RunsToEnd || !r.Images.Contains(image))
            || project.Graph.WithBases([image]).Where(builds.ContainsKey).SelectMany(i => builds[i].Reasons).Any(r => r is not (BuildReason.FileChanged or BuildReason.BaseFirst)))
        {
            return;
        }
        LiveForecast forecast = rules.Forecast(paths);
        if (forecast.Obstacle is { } obstacle)
            _barred[image] = obstacle;
        else if (!forecast.Moves.IsEmpty)
            _given[image] = forecast;
    }

    /// <summary>The images that need not be built: those that containers are given, and bases that nothing else stands on.</summary>
    private ImmutableHashSet<ImageName> Dropped(Plan plan)
    {
        // What runs to its end runs anew, with a new image.
        ImmutableHashSet<ImageName> dropped = [.. _given.Keys.Where(i => !project.Resources.Any(r => r.RunsToEnd && r.Images.Contains(i)))];
        foreach (ImageName image in plan.Builds.Select(b => b.Image).Reverse().Where(i => !project.IsDeployed(i)))
        {
            ImageName[] children = [.. plan.Builds.Select(b => b.Image).Where(i => project.Graph.Bases(i).Contains(image))];
            if (children.Length > 0 && children.All(dropped.Contains))
                dropped = dropped.Add(image);
        }
        return dropped;
    }

    private bool RunsToEnd(ResourceName name) => project.Resources.Any(r => r.Name == name && r.RunsToEnd);

    private static PlannedDeploy? Without(PlannedDeploy deploy, ImmutableHashSet<ImageName> dropped)
    {
        ImmutableArray<DeployReason> reasons = [.. deploy.Reasons.Where(r => r switch { DeployReason.ImageBuilt built => !dropped.Contains(built.Image), DeployReason.ImageMaybe maybe => !dropped.Contains(maybe.Image), _ => true })];
        if (reasons.Length == deploy.Reasons.Length)
            return deploy;
        return reasons.IsEmpty ? null : deploy with { Reasons = reasons, Action = reasons.All(r => r is DeployReason.ImageMaybe) ? DeployAction.Maybe : deploy.Action };
    }

    private PlannedLiveUpdate UpdateOf(ResourceDefinition resource)
    {
        (ImageTarget Target, LiveForecast Forecast)[] given = [.. resource.Targets.Where(t => _given.ContainsKey(t.Name)).Select(t => (t, _given[t.Name]))];
        return new PlannedLiveUpdate(resource.Name, [.. given.SelectMany(g => g.Forecast.Moves).Distinct()], given.Any(g => Restarts(resource, g.Target, g.Forecast)));
    }

    private bool Restarts(ResourceDefinition resource, ImageTarget target, LiveForecast forecast)
    {
        JsonObject[] containers = [.. resource.Objects.SelectMany(o => ImageFields.Of(o.Json, resource.Kinds)).Where(f => f.Kind == ImageFieldKind.Container && f.Reference is { } r && target.Selector.Matches(r)).Select(f => f.Holder).OfType<JsonObject>()];
        ImageCommand? own = LiveChain.Of(project, project.Image(target.Name)).Command;
        // Of a custom kind nobody knows what its containers run.
        IEnumerable<FileAwareness> awareness = containers.Length == 0 ? [FileAwareness.None] : containers.Select(c => AwarenessOf(c, target, own));
        return awareness.Any(a => Entrypoints.Restarts(forecast.Restart, a, forecast.Moves.Select(m => m.To)));
    }

    private static FileAwareness AwarenessOf(JsonObject container, ImageTarget target, ImageCommand? own)
    {
        JsonObject runs = container.DeepClone().AsObject();
        ImageInjection.Adapt(runs, target);
        BaseImage? image = own is null ? null : BaseImage.Of([], []) with { Entrypoint = own.Entrypoint, Command = own.Arguments };
        return LiveEquipment.CommandOf(runs, image) is { IsEmpty: false } command ? Entrypoints.AwarenessOf(command) : FileAwareness.None;
    }
}
