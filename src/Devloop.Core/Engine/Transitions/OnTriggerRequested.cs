using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine.Transitions;

/// <summary>
/// The user asks: an image is built again, whatever is known of its content; a resource is deployed again once its images were looked at.
/// Nothing is taken away first.
/// </summary>
internal static class OnTriggerRequested
{
    public static void Apply(Turn turn, EngineEvent.TriggerRequested e)
    {
        foreach (ImageName name in e.Images)
            BuildAgain(turn, name, e.NoCache);
        foreach (ResourceName name in e.Resources)
        {
            if (turn.Find(name) is not { Control.Disabled: false } resource)
                continue;
            resource = resource with { Control = resource.Control with { Asked = true, Started = true } };
            // A local command runs again, whatever it reads.
            turn.Set(name, resource.Local is null ? resource : resource with { Deployed = null, Refused = null, Failure = [] });
            foreach (ImageName image in turn.State.Project.Resources.First(r => r.Name == name).Images)
            {
                if (e.NoCache)
                    BuildAgain(turn, image, noCache: true);
                else
                    LookAgain(turn, image, name);
            }
        }
    }

    private static void BuildAgain(Turn turn, ImageName name, bool noCache)
    {
        if (turn.Find(name) is not { } image)
            return;
        if (image.Building is { } running)
        {
            // What runs is what is asked for, unless it takes steps from the cache.
            if (!noCache)
                return;
            turn.Cancel(running.Work);
            image = image with { Building = null };
        }
        image = Marks.DirtyWithAllInputs(turn, image, new BuildReason.Asked(noCache));
        // A first build is no reason to do without this one: it says that somebody wants it.
        turn.Set(name, image with { Reasons = [.. image.Reasons.Where(r => r is not BuildReason.Asked), new BuildReason.Asked(noCache)] });
    }

    /// <summary>What failed is tried again by this; what is as it was stays.</summary>
    private static void LookAgain(Turn turn, ImageName name, ResourceName why)
    {
        if (turn.Find(name) is { Building: null } image)
            turn.Set(name, Marks.Dirty(turn, image, new BuildReason.ResourceAsked(why)));
    }
}
