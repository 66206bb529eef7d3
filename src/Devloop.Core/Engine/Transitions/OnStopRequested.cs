using Devloop.Model;

namespace Devloop.Engine.Transitions;

/// <summary>Ends all work and starts none.</summary>
internal static class OnStopRequested
{
    public static void Apply(Turn turn)
    {
        turn.State = turn.State with { Stopping = true };
        foreach ((ImageName name, ImageState image) in turn.State.Images)
        {
            turn.Cancel(image.Fingerprinting);
            turn.Cancel(image.Building?.Work ?? WorkId.None);
            turn.Cancel(image.Pushing);
            turn.Cancel(image.Publishing);
            turn.Cancel(image.Pulling);
            turn.Set(name, image with { Fingerprinting = WorkId.None, Building = null, Queued = null, Pushing = WorkId.None, Publishing = WorkId.None, Pulling = WorkId.None });
        }
        foreach ((ResourceName name, ResourceState resource) in turn.State.Resources)
        {
            turn.Cancel(resource.Deploying);
            turn.Cancel(resource.Local?.Looking ?? WorkId.None);
            foreach (Live.ContainerState container in resource.Containers.Values)
                turn.Cancel(container.Updating?.Work ?? WorkId.None);
            turn.Set(name, resource with { Containers = resource.Containers.Clear(), Updates = null, Deploying = WorkId.None, DeployingKey = null, Local = resource.Local is { } local ? local with { Looking = WorkId.None } : null });
        }
        turn.Cancel(turn.State.Removing);
        turn.Cancel(turn.State.Reload);
    }
}
