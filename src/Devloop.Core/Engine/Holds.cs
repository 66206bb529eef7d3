using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>What keeps something from starting, by name, so that every face can say why nothing happens.</summary>
public static class Holds
{
    /// <summary>Why the inputs of an image are not looked at yet: its bases must be known first.</summary>
    public static HoldReason? OfFingerprint(EngineState state, ImageName image)
    {
        if (Wishes.HoldOf(state, image) is { } wish)
            return wish;
        foreach (ImageName needed in state.Project.Graph.Bases(image))
        {
            ImageState @base = state.Images[needed];
            if (@base.Settled && @base.Failure is not null)
                return new HoldReason.BaseFailed(needed);
            if (!@base.Settled || @base.Result is null)
                return OfFingerprint(state, needed) is HoldReason.BaseFailed failed ? failed : new HoldReason.ForBase(needed);
        }
        return LocalHolds.OfFingerprint(state, image);
    }

    /// <summary>Why an image that needs work gets none; null when it does, or needs none.</summary>
    public static HoldReason? Of(EngineState state, ImageName name)
    {
        ImageState image = state.Images[name];
        if (image.Settled || image.Building is not null || image.Fingerprinting != WorkId.None)
            return null;
        if (state.Paused)
            return new HoldReason.Paused();
        if (state.Reload != WorkId.None)
            return new HoldReason.Reloading();
        if (state.AwaitingEngine != WorkId.None)
            return new HoldReason.ForEngine();
        return OfBuild(state, name) ?? (image.Dirty ? null : new HoldReason.ParallelLimit(state.Options.MaxParallelBuilds));
    }

    /// <summary>Why an image cannot be built yet: its bases must be known, and the engine must have them.</summary>
    public static HoldReason? OfBuild(EngineState state, ImageName name)
    {
        if (OfFingerprint(state, name) is { } hold)
            return hold;
        return state.Images[name].Queued is not null && state.Project.Graph.Bases(name).FirstOrDefault(b => !Sharing.IsInEngine(state.Images[b])) is { Value: not null } @base
            ? new HoldReason.ForBase(@base)
            : null;
    }

    /// <summary>Why a resource is not deployed as its manifests and images now are; null when nothing keeps it.</summary>
    public static HoldReason? OfDeploy(EngineState state, ResourceDefinition resource)
    {
        if (Wishes.HoldOf(state, resource) is { } wish)
            return wish;
        // A pipeline deploys all or nothing: half a deploy of a broken commit helps nobody.
        // Local commands change nothing in the cluster, and may have to write what images read.
        if (state.Options.Mode == RunMode.Once && resource.Local is null)
        {
            if (state.Images.FirstOrDefault(i => i.Value.Failure is not null) is { Value: not null } failed)
                return new HoldReason.ImageFailed(failed.Key);
            if (!state.Images.All(i => Deliverable(state, i.Key) || state.Project.Producers.IsBehind(i.Key, resource.Name)))
                return new HoldReason.ForAllImages();
        }
        foreach (ImageName name in resource.Images)
        {
            if (state.Images[name] is { Settled: true, Failure: not null })
                return new HoldReason.ImageFailed(name);
            if (!Deliverable(state, name) || state.Images[name].Failure is not null)
                return OfFingerprint(state, name) is HoldReason.BaseFailed failed ? failed : new HoldReason.ForImage(name);
        }
        // Namespaces, kinds and settings that belong to no workload are there before the workloads that may need them.
        var shared = new ResourceName(Manifests.Grouping.Uncategorized);
        if (resource.Name != shared && resource.Local is null && state.Resources.TryGetValue(shared, out ResourceState? common) && common.Deployed is null)
            return new HoldReason.ForResource(shared);
        // What brings a kind or a namespace has to be applied; its health says nothing of that.
        foreach (ResourceName needed in resource.Needs)
        {
            if (state.Resources.TryGetValue(needed, out ResourceState? bringer) && bringer.Deployed is null)
                return new HoldReason.ForResource(needed);
        }
        foreach (ResourceName needed in resource.Settings.DependsOn)
        {
            if (state.Resources.TryGetValue(needed, out ResourceState? other) && !other.WasReady)
                return new HoldReason.ForResource(needed);
        }
        return resource.Local is null ? null : LocalHolds.OfRun(state, resource.Name);
    }

    /// <summary>Settled, good, and wherever it has to be: for the cluster's nodes, and for those who share the work.</summary>
    public static bool Deliverable(EngineState state, ImageName name)
    {
        ImageState image = state.Images[name];
        return image is { Settled: true, Failure: null, Result: not null }
            && (!Sharing.NeedsPush(state, name) || Sharing.IsPushed(image))
            && (!Sharing.NeedsPublication(state, name) || !Sharing.AwaitsPublication(state) || Sharing.IsPublished(image))
            && (!Sharing.NodesNeedEngine(state, name) || Sharing.IsInEngine(image));
    }
}
