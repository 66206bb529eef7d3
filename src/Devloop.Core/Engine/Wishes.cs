using System.Runtime.CompilerServices;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>
/// What the user, or the config in the user's name, wants to wait: resources that are disabled, that start or change only when asked for,
/// and the images that nobody else needs.
/// </summary>
public static class Wishes
{
    /// <summary>Of a state that is asked for many images, one walk through the graph is enough.</summary>
    private static readonly ConditionalWeakTable<EngineState, HashSet<ImageName>> NeededOf = [];

    /// <summary>Why a resource is not deployed as it is now; null when nobody wants it to wait.</summary>
    public static HoldReason? HoldOf(EngineState state, ResourceDefinition definition)
    {
        if (!state.Resources.TryGetValue(definition.Name, out ResourceState? resource))
            return null;
        if (resource.Control.Disabled)
            return new HoldReason.Disabled(definition.Name);
        if (resource.Control.Removing != WorkId.None)
            return new HoldReason.BeingRemoved();
        if (state.Paused)
            return new HoldReason.Paused();
        return LetsIn(state, definition, resource) ? null : new HoldReason.ForTrigger(definition.Name);
    }

    /// <summary>Why an image is neither looked at nor built; null when somebody needs it as it is now.</summary>
    public static HoldReason? HoldOf(EngineState state, ImageName image)
    {
        // Most runs have nothing that waits, and need no walk through the graph.
        if (state.Options.Mode != RunMode.Up || !(state.Switched || state.Project.HasManual) || NeededOf.GetValue(state, Needed).Contains(image))
            return null;
        ResourceDefinition first = state.Project.Resources.First(r => Runs(state, r, image));
        return HoldOf(state, first) ?? new HoldReason.ForTrigger(first.Name);
    }

    /// <summary>It is not in the cluster, and that is as the user or the config wants it.</summary>
    public static bool IsLeftOut(EngineState state, ResourceName name) =>
        state.Resources[name] is { Deployed: null } resource
        && state.Project.Resources.FirstOrDefault(r => r.Name == name) is { } definition
        && (resource.Control.Disabled || !LetsIn(state, definition, resource));

    /// <summary>What waits for the user and would otherwise be deployed.</summary>
    public static bool AwaitsTrigger(EngineState state, ResourceDefinition definition)
    {
        ResourceState resource = state.Resources[definition.Name];
        if (HoldOf(state, definition) is not HoldReason.ForTrigger)
            return false;
        if (resource.Deployed is null || state.Project.Graph.WithBases(definition.Images).Any(i => !state.Images[i].Settled))
            return true;
        if (definition.Images.Any(i => state.Images[i].Result is null))
            return false;
        DeployKey now = definition.KeyWith(definition.Images.Select(i => KeyValuePair.Create(i, state.Images[i].Result!.Digest)));
        return now != resource.Deployed && now != resource.DeployingKey && now != resource.Refused;
    }

    /// <summary>
    /// What somebody needs: the user who asked for it, a resource that takes changes as they come, an image on it that somebody needs.
    /// What no resource runs is built for its own sake.
    /// </summary>
    private static HashSet<ImageName> Needed(EngineState state)
    {
        HashSet<ImageName> run = [], needed = [];
        foreach (ResourceDefinition definition in state.Project.Resources)
        {
            bool takes = !state.Resources.TryGetValue(definition.Name, out ResourceState? resource) || TakesImages(state, definition, resource);
            foreach (ImageName image in definition.Images)
            {
                run.Add(image);
                if (takes)
                    needed.Add(image);
            }
        }
        foreach (ImageName image in state.Project.Graph.BottomUp.Reverse())
        {
            IReadOnlyCollection<ImageName> children = [.. state.Project.Graph.Children(image)];
            bool forItsOwnSake = children.Count == 0 && !run.Contains(image);
            if (forItsOwnSake || children.Any(needed.Contains) || state.Images[image].Reasons.Any(r => r is BuildReason.Asked))
                needed.Add(image);
        }
        return needed;
    }

    /// <summary>Its images are built as they change. While its old objects go, what is to come can be built.</summary>
    private static bool TakesImages(EngineState state, ResourceDefinition definition, ResourceState resource) =>
        !resource.Control.Disabled && LetsIn(state, definition, resource);

    private static bool LetsIn(EngineState state, ResourceDefinition definition, ResourceState resource)
    {
        // A pipeline has nobody who could ask.
        if (state.Options.Mode != RunMode.Up || resource.Control.Asked)
            return true;
        return resource.Deployed is null
            ? state.Options.StartsAll || definition.Settings.AutoStart || resource.Control.Started
            : definition.Settings.AutoTrigger;
    }

    private static bool Runs(EngineState state, ResourceDefinition definition, ImageName image) =>
        definition.Images.Contains(image) || state.Project.Graph.WithBases(definition.Images).Contains(image);
}
