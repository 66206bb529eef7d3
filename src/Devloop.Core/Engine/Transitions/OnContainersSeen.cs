using System.Collections.Immutable;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning.Live;

namespace Devloop.Engine.Transitions;

/// <summary>The cluster says which containers a resource has: a new one shows what its image was built from.</summary>
internal static class OnContainersSeen
{
    public static void Apply(Turn turn, EngineEvent.ContainersSeen e)
    {
        if (turn.Find(e.Resource) is not { } resource)
            return;
        var containers = ImmutableSortedDictionary.CreateBuilder<string, ContainerState>(StringComparer.Ordinal);
        foreach (LiveContainer seen in e.Containers)
        {
            containers[seen.Place.Id] = resource.Containers.TryGetValue(seen.Place.Id, out ContainerState? known)
                ? known with { Seen = seen with { Touched = known.Seen.Touched } }
                : New(turn.State, seen);
        }
        foreach ((string id, ContainerState gone) in resource.Containers)
        {
            if (containers.ContainsKey(id) || gone.Updating is not { } running)
                continue;
            turn.Cancel(running.Work);
            resource = resource with { Updates = resource.Updates?.Without(id) };
        }
        LiveContainer[] fresh = [.. e.Containers.Where(c => !resource.Containers.ContainsKey(c.Place.Id))];
        bool replaced = resource.Updated && resource.Deploying == WorkId.None && fresh.Any(c => !resource.Pods.Contains(c.PodUid));
        turn.Set(e.Resource, resource with
        {
            LiveImages = resource.LiveImages.Union(e.Containers.Select(c => c.Image)),
            Containers = containers.ToImmutable(),
            Pods = resource.Pods.Union(e.Containers.Select(c => c.PodUid)),
            // The next pod came: from now on pods start from what was built for them meanwhile.
            Adopts = resource.Adopts || (replaced && fresh.Any(c => turn.State.Project.HasImage(c.Image) && turn.State.Project.Image(c.Image).Target.LiveUpdate?.Image is not LiveImagePolicy.Never)),
        });
        foreach (ImageName image in e.Containers.Select(c => c.Image).Except(resource.LiveImages))
            LiveMarks.JudgeAnew(turn, image);
        if (resource.Updated)
        {
            foreach (ImageName image in fresh.Select(c => c.Image).Where(turn.State.Images.ContainsKey).Distinct())
                LiveMarks.BuildSoon(turn, image, e.At);
        }
        OnContainerUpdated.Settle(turn, e.Resource, e.At);
    }

    private static ContainerState New(EngineState state, LiveContainer seen) => new(seen)
    {
        Shows = LiveContents.Of(state, seen.Image, seen.Tag),
        Doubtful = [.. seen.Touched],
        Initial = state.Options.Mode == RunMode.Up && state.Project.HasImage(seen.Image) && state.Project.Image(seen.Image).Target.LiveUpdate is LiveUpdate.Declared { InitialSync: true },
    };
}
