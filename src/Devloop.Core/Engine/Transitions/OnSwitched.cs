using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Engine.Transitions;

/// <summary>A resource is switched off, which takes it out of the cluster, or on again.</summary>
internal static class OnSwitched
{
    public static void Apply(Turn turn, EngineEvent.Disabled e)
    {
        // Asked once more, what could not be deleted before is tried again.
        if (turn.Find(e.Resource) is not { Control.Removing.Value: 0 } resource)
            return;
        ResourceDefinition definition = turn.State.Project.Resources.First(r => r.Name == e.Resource);
        turn.State = turn.State with { Switched = true };
        turn.Cancel(resource.Deploying);
        if (resource.Local is { } local)
        {
            turn.Cancel(local.Looking);
            turn.Set(e.Resource, ResourceState.Of(definition) with
            {
                Control = new ResourceControl { Disabled = true },
                Health = new Health.Pending("disabled"),
                WasReady = resource.WasReady,
            });
            turn.Ask(new EngineEffect.StopLocal(e.Resource));
            return;
        }
        WorkId work = turn.NewWork();
        turn.Set(e.Resource, new ResourceState
        {
            Control = new ResourceControl { Disabled = true, Removing = work },
            Health = new Health.Pending("disabled"),
            WasReady = resource.WasReady,
        });
        turn.Ask(new EngineEffect.RemoveResource(work, turn.State.Project, definition, resource.Deploying));
        EndBuildsOfNobody(turn);
    }

    public static void Apply(Turn turn, EngineEvent.Enabled e)
    {
        if (turn.Find(e.Resource) is not { } resource)
            return;
        bool was = resource.Control.Disabled;
        turn.Set(e.Resource, resource with
        {
            Control = resource.Control with { Disabled = false, Started = true },
            Health = was ? new Health.Pending("not deployed yet") : resource.Health,
            Failure = was ? [] : resource.Failure,
            FailureOfEnvironment = !was && resource.FailureOfEnvironment,
        });
    }

    public static void Apply(Turn turn, EngineEvent.ResourceRemoved e)
    {
        if (turn.Find(e.Resource) is not { } resource || resource.Control.Removing != e.Work)
            return;
        resource = resource with { Control = resource.Control with { Removing = WorkId.None } };
        turn.Set(e.Resource, resource.Control.Disabled ? resource with { Failure = e.Failures } : resource);
    }

    /// <summary>Builds that were for this resource alone end; they are looked at again when somebody needs them.</summary>
    private static void EndBuildsOfNobody(Turn turn)
    {
        foreach ((ImageName name, ImageState image) in turn.State.Images)
        {
            if (image.Building is not { } running || Wishes.HoldOf(turn.State, name) is null)
                continue;
            turn.Cancel(running.Work);
            turn.Set(name, image with { Building = null, Dirty = true });
        }
    }
}
