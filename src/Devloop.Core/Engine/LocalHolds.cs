using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>What local commands keep from starting: whoever reads what they write.</summary>
internal static class LocalHolds
{
    /// <summary>Why the inputs of an image are not looked at yet: a local command has still to write some of them.</summary>
    public static HoldReason? OfFingerprint(EngineState state, ImageName image) => OfFirst(state, state.Project.Producers.Of(image));

    /// <summary>Why what a local command reads is not looked at yet: another one has still to write some of it.</summary>
    public static HoldReason? OfLook(EngineState state, ResourceName local) => OfFirst(state, state.Project.Producers.Of(local));

    /// <summary>Why a local command does not run yet, beside what keeps every resource.</summary>
    public static HoldReason? OfRun(EngineState state, ResourceName local) => OfLook(state, local)
        ?? (state.Resources.GetValueOrDefault(local)?.Local is { Dirty: true } or { Looking.Value: > 0 } ? new HoldReason.ForDeps() : null);

    /// <summary>Nobody can tell when it will run: until then, what its last run wrote is what there is.</summary>
    private static bool WaitsForTheUser(EngineState state, ResourceName producer) =>
        state.Project.Resources.FirstOrDefault(r => r.Name == producer) is { } definition && Wishes.HoldOf(state, definition) is HoldReason.ForTrigger or HoldReason.Disabled;

    private static HoldReason? OfFirst(EngineState state, IEnumerable<ResourceName> producers)
    {
        foreach (ResourceName producer in producers)
        {
            // A run of some of the project may go on without it.
            if (!state.Resources.TryGetValue(producer, out ResourceState? resource) || resource.Local is not { } local)
                continue;
            if (resource.Deploying == WorkId.None && WaitsForTheUser(state, producer))
                continue;
            bool rests = local is { Dirty: false, Looking.Value: 0 } && resource.Deploying == WorkId.None;
            if (rests && !resource.Failure.IsEmpty)
                return new HoldReason.LocalFailed(producer);
            if (!rests || local.Key != resource.Deployed)
                return OfLook(state, producer) is HoldReason.LocalFailed failed ? failed : new HoldReason.ForLocal(producer);
        }
        return null;
    }
}
