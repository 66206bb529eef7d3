using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>Finds out what a run would do now: reads and hashes the inputs, looks keys and objects up, and changes nothing.</summary>
/// <param name="cluster">Null when it is not to be asked, for the reason given.</param>
public sealed class Planner(World world, ResolvedProject project, RunOptions options, ICluster? cluster, string whyNoCluster)
{
    /// <summary>For objects that name none.</summary>
    public string DefaultNamespace { get; init; } = "default";

    /// <summary>Read only: a plan leaves no trace.</summary>
    private readonly LastBuilds _last = new(world.History, project.Config.Root);

    private readonly BaseKnowledge _bases = new(world, options.Place, options.Memory);

    /// <summary>An image as it is found; the digest is null when it has to be built first.</summary>
    public sealed record Found(PlannedBuild Build, Fingerprint Fingerprint, ImageDigest? Digest);

    /// <summary>Images with their keys where these can be known without building; problems as a run would meet them.</summary>
    public async Task<Parsed<ImmutableSortedDictionary<ImageName, Found>>> LookAsync(CancellationToken cancellationToken)
    {
        var work = new ImageWork(world, project.Config.Root, options, _last, _ => { }, onlyLooks: true);
        var looks = new Dictionary<ImageName, Task<(Found? Found, ImmutableArray<Diagnostic> Problems)>>();
        foreach (ImageName name in project.Graph.BottomUp)
        {
            Task<(Found? Found, ImmutableArray<Diagnostic>)>[] bases = [.. project.Graph.Bases(name).Select(b => looks[b])];
            looks[name] = LookAsync(work, project.Image(name), bases, cancellationToken);
        }
        await Task.WhenAll(looks.Values).ConfigureAwait(false);
        ImmutableArray<Diagnostic> problems = [.. looks.Values.SelectMany(l => l.Result.Problems).Distinct()];
        return problems.IsEmpty
            ? new(looks.ToImmutableSortedDictionary(l => l.Key, l => l.Value.Result.Found!), [])
            : new(null, problems);
    }

    /// <summary>The whole plan.</summary>
    public async Task<Parsed<Plan>> PlanAsync(CancellationToken cancellationToken)
    {
        Parsed<ImmutableSortedDictionary<ImageName, Found>> looked = await LookAsync(cancellationToken).ConfigureAwait(false);
        if (!looked.TryGet(out ImmutableSortedDictionary<ImageName, Found>? images))
            return new Parsed<Plan>(null, looked.Diagnostics);
        PlannedDeploy?[] deploys = await Task.WhenAll(project.Resources.Select(r => DeployOfAsync(r, images, cancellationToken))).ConfigureAwait(false);
        ImmutableArray<PlannedDeploy> due = [.. deploys.OfType<PlannedDeploy>()];
        return new Parsed<Plan>(new Plan([.. project.Graph.BottomUp.Select(i => images[i].Build)], due, EditForecast.Unaffected(project, images.ContainsKey, due), [])
        {
            Removals = await RemovalsAsync(cancellationToken).ConfigureAwait(false),
        }, []);
    }

    /// <summary>What left the config; none when the cluster cannot be asked, or may not be.</summary>
    private async Task<ImmutableArray<RecordedObject>> RemovalsAsync(CancellationToken cancellationToken)
    {
        if (cluster is null)
            return [];
        var removals = ImmutableArray.CreateBuilder<RecordedObject>();
        try
        {
            RecordPlace place = RecordPlace.Of(project.Config, DefaultNamespace);
            AppliedRecord record = AppliedRecord.Read(await cluster.GetAsync(place.Reference, cancellationToken).ConfigureAwait(false));
            var look = new LeftoverLook(cluster, place, DefaultNamespace);
            foreach (RecordedObject leftover in Leftovers.Of(record, project, DefaultNamespace))
            {
                if ((await look.LookAsync(leftover, project, cancellationToken).ConfigureAwait(false)).Outcome == RemovalOutcome.Deleted)
                    removals.Add(leftover);
            }
        }
        catch (ClusterException)
        {
            // The reasons of the deploys say it already.
        }
        return removals.ToImmutable();
    }

    private async Task<(Found?, ImmutableArray<Diagnostic>)> LookAsync(ImageWork work, ImageDefinition image, Task<(Found? Found, ImmutableArray<Diagnostic>)>[] basesFound, CancellationToken cancellationToken)
    {
        (Found? Found, ImmutableArray<Diagnostic>)[] found = await Task.WhenAll(basesFound).ConfigureAwait(false);
        if (found.Any(f => f.Found is null))
            return (null, []);
        ImmutableArray<ImageName> open = [.. found.Where(f => f.Found!.Digest is null).Select(f => f.Found!.Build.Image)];
        var bases = found.Where(f => f.Found!.Digest is not null).ToImmutableSortedDictionary(f => f.Found!.Build.Image, f => f.Found!.Digest!.Value);
        EngineEvent said = await work.TakeFingerprintAsync(new EngineEffect.TakeFingerprint(WorkId.None, image, bases, Known: null, IgnoreKnown: !open.IsEmpty, options.Memory is null ? RegistryLook.None : RegistryLook.WhenUnknown), cancellationToken).ConfigureAwait(false);
        if (said is EngineEvent.FingerprintFailed failed)
            return (null, failed.Diagnostics);
        var taken = (EngineEvent.Fingerprinted)said;
        PlannedBuild build = taken.Known is not null ? new PlannedBuild(image.Name, BuildAction.Reuse, [new BuildReason.Known()])
            : open.IsEmpty ? new PlannedBuild(image.Name, BuildAction.Build, taken.Fingerprint.Differences is { IsEmpty: false } differences ? differences : [new BuildReason.FirstBuild()])
            : OnOpenBases(taken.Fingerprint, open);
        // What a local command has still to write may change it, whatever is there now.
        ImmutableArray<BuildReason> locals = [.. project.Producers.Of(image.Name).Select(l => new BuildReason.LocalFirst(l))];
        if (locals.IsEmpty)
            return (new Found(build, taken.Fingerprint, taken.Known?.Digest), []);
        PlannedBuild after = build.Action == BuildAction.Reuse ? new PlannedBuild(image.Name, BuildAction.Maybe, locals) : build with { Reasons = [.. build.Reasons, .. locals] };
        return (new Found(after, taken.Fingerprint, null), []);
    }

    /// <summary>Its key cannot be known yet; but when its own inputs differ from the last build's, it is built whatever its bases become.</summary>
    private PlannedBuild OnOpenBases(Fingerprint fingerprint, ImmutableArray<ImageName> open)
    {
        ImageName image = fingerprint.Image.Name;
        if (_last.Last(image) is not { } last)
            return new PlannedBuild(image, BuildAction.Build, [new BuildReason.FirstBuild()]);
        ImmutableArray<BuildReason> own = [.. Differences.Between(last, fingerprint)];
        return new PlannedBuild(image, own.IsEmpty ? BuildAction.Maybe : BuildAction.Build, [.. own, .. open.Select(b => new BuildReason.BaseFirst(b))]);
    }

    private async Task<PlannedDeploy?> DeployOfAsync(ResourceDefinition resource, ImmutableSortedDictionary<ImageName, Found> images, CancellationToken cancellationToken)
    {
        if (resource.Local is not null)
            return LocalForecast.AtStart(resource);
        ImmutableArray<DeployReason> reasons = [.. resource.Images.Select(i => images[i]).Where(f => f.Digest is null).Select(f => EditForecast.Because(f.Build))];
        if (reasons.IsEmpty)
            reasons = await InClusterAsync(resource, resource.Images.ToImmutableDictionary(i => i, i => images[i].Digest!.Value), cancellationToken).ConfigureAwait(false);
        if (reasons.IsEmpty)
            return null;
        return new PlannedDeploy(resource.Name, reasons.All(r => r is DeployReason.ImageMaybe or DeployReason.ClusterUnknown) ? DeployAction.Maybe : DeployAction.Apply, reasons);
    }

    private async Task<ImmutableArray<DeployReason>> InClusterAsync(ResourceDefinition resource, ImmutableDictionary<ImageName, ImageDigest> digests, CancellationToken cancellationToken)
    {
        if (cluster is null)
            return [new DeployReason.ClusterUnknown(whyNoCluster)];
        try
        {
            ImmutableDictionary<ImageName, BaseImage> described = await _bases.OfImagesAsync(resource.Equipment?.Asked ?? ImmutableSortedDictionary<ImageName, string>.Empty, resource.Targets, digests, cancellationToken).ConfigureAwait(false);
            DeployReason?[] reasons = await Task.WhenAll(resource.Objects.Select(o => DifferenceAsync(o, resource, digests, described, cancellationToken))).ConfigureAwait(false);
            return [.. reasons.OfType<DeployReason>()];
        }
        catch (EngineUnreachableException e)
        {
            return [new DeployReason.ClusterUnknown(e.Diagnostic.Message)];
        }
        catch (ClusterException e)
        {
            return [new DeployReason.ClusterUnknown(ApiFailure.ToDiagnostic(e, resource.Objects[0].Reference).Message)];
        }
    }

    private async Task<DeployReason?> DifferenceAsync(
        KubernetesObject item, ResourceDefinition resource, ImmutableDictionary<ImageName, ImageDigest> digests, ImmutableDictionary<ImageName, BaseImage> described, CancellationToken cancellationToken)
    {
        JsonObject? live;
        try
        {
            live = await cluster!.GetAsync(item.Reference, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Reason == ClusterException.NoKindMatch)
        {
            live = null; // its kind comes with the apply
        }
        if (live is null)
            return new DeployReason.ObjectDiffers(item.Reference, Exists: false);
        return AppliedState.Covers(live, Rendering.ForApply(item, resource, digests, options.Delivery, RecordPlace.Of(project.Config, DefaultNamespace), described)) ? null : new DeployReason.ObjectDiffers(item.Reference, Exists: true);
    }
}
