using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Rollout;

namespace Devloop.Engine.Live;

/// <summary>Who can be given what changed, and who has to be built for it. Pure questions to a state.</summary>
internal static class LiveStand
{
    /// <summary>
    /// Whether containers of a deployed image can be brought from what it was built from to what is there now; null when it is not a matter
    /// of live update: nothing says so, it is not deployed yet, or more than files changed.
    /// </summary>
    public static LivePlan? Judge(EngineState state, ImageName image)
    {
        if (state.Options.Mode == RunMode.BuildOnly || state.Project.LiveRulesOf(image) is not { } rules || LiveContents.Wanted(state, image) is not { } wanted)
            return null;
        LivePlan? sum = null;
        foreach (ResourceDefinition definition in RunnersOf(state, image).Where(r => Takes(state, r, image)))
        {
            ResourceState resource = state.Resources[definition.Name];
            if (DeployedDigest(resource, image) is not { } digest)
                return null;
            ContentTag tag = ContentTag.Of(digest);
            if (!LiveContents.IsSameButForFiles(state, image, tag) || LiveContents.Of(state, image, tag) is not { } from)
                return null;
            if (state.Images[image].Barred is { } bar)
                return new LivePlan.Build(bar.Why);
            if (resource.Health is Health.Failed && !from.SameAs(wanted))
                return new LivePlan.Build(new LiveObstacle(null, $"`{definition.Name}` does not run, and a new pod is its best chance", null, null));
            // A pipeline builds what changed; it only takes back what was given to containers by hand.
            if (state.Options.Mode == RunMode.Once && !from.SameAs(wanted))
                return null;
            LivePlan plan = rules.Between(from, wanted, []);
            if (plan is LivePlan.Build)
                return plan;
            sum = plan;
        }
        return sum;
    }

    /// <summary>Running containers get what an image's context has now, so that its build can wait.</summary>
    public static bool CanWait(EngineState state, ImageName image)
    {
        if (state.Options.Mode != RunMode.Up || state.Images[image].Result is null)
            return false;
        ImageName[] run = [.. state.Project.Graph.WithChildren([image]).Where(i => RunnersOf(state, i).Any())];
        return run.Length > 0 && run.All(i => IsHeld(state, i) && RunnersOf(state, i).All(r => Takes(state, r, i)));
    }

    /// <summary>Containers of it have, or get, what it does not have itself.</summary>
    public static bool IsHeld(EngineState state, ImageName image) => state.Images[image].Live is LivePlan.Update;

    /// <summary>What is known of its inputs is not built yet.</summary>
    public static bool IsBehind(ImageState image) => image is { Settled: true, Failure: null, Seen: { } seen, Result: { } result } && seen.Key != result.Key;

    /// <summary>What is in the cluster of an image is what it is now, and nothing is under way that would replace its pods.</summary>
    public static bool IsAsWanted(EngineState state, ResourceState resource, ImageName image) =>
        resource.Deploying == WorkId.None && !IsAnyBehind(state, image) && state.Images[image] is { Failure: null, Result: { } result }
        && resource.Images.TryGetValue(image, out ImageDigest digest) && digest == result.Digest;

    /// <summary>It, or what it stands on, is not built as it is now.</summary>
    public static bool IsAnyBehind(EngineState state, ImageName image) => state.Project.Graph.WithBases([image]).Any(i => IsBehind(state.Images[i]) || !state.Images[i].Settled);

    /// <summary>The digest to deploy: that of the pods, as long as they are given what is new.</summary>
    public static ImageDigest DigestFor(EngineState state, ResourceDefinition definition, ResourceState resource, ImageName image) =>
        state.Options.Mode == RunMode.Up && IsHeld(state, image) && Takes(state, definition, image) && resource.Images.TryGetValue(image, out ImageDigest digest) && (!resource.Adopts || IsAnyBehind(state, image))
            ? digest
            : state.Images[image].Result!.Digest;

    /// <summary>When the images of those who run it are to be built; background when one of them says so.</summary>
    public static LiveImagePolicy PolicyOf(EngineState state, ImageName image) =>
        state.Project.Graph.WithChildren([image]).Where(i => RunnersOf(state, i).Any()).Select(i => state.Project.Image(i).Target.LiveUpdate?.Image ?? LiveImagePolicy.Background).DefaultIfEmpty(LiveImagePolicy.Background).Min();

    /// <summary>It runs the image that is in the cluster now: what an earlier deploy left goes by itself.</summary>
    public static bool IsDeployed(ResourceState resource, LiveContainer container) =>
        DeployedDigest(resource, container.Image) is { } digest && ContentTag.Of(digest) == container.Tag;

    /// <summary>Some container is being brought up to date.</summary>
    public static bool IsUpdating(ResourceState resource) => resource.Containers.Values.Any(c => c.Updating is not null || (c.Seen.Running && (c.RetryAt is not null || c.Seen.Awareness is null)));

    /// <summary>
    /// Containers of a resource run the image, and can be given what is new: not where pods run to their end, nor where only init containers
    /// run it.
    /// </summary>
    private static bool Takes(EngineState state, ResourceDefinition definition, ImageName image) =>
        !definition.RunsToEnd && state.Resources[definition.Name].LiveImages.Contains(image);

    /// <summary>The resources that run an image and are wanted in the cluster.</summary>
    public static IEnumerable<ResourceDefinition> RunnersOf(EngineState state, ImageName image) =>
        state.Project.Resources.Where(r => r.Images.Contains(image) && state.Resources.TryGetValue(r.Name, out ResourceState? resource) && !resource.Control.Disabled && !Wishes.IsLeftOut(state, r.Name));

    private static ImageDigest? DeployedDigest(ResourceState resource, ImageName image) =>
        (resource.Deploying != WorkId.None ? resource.DeployingImages : resource.Images).TryGetValue(image, out ImageDigest digest) ? digest : null;
}
