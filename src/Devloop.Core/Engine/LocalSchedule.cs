using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>Starts looks at what local commands read, and their runs.</summary>
internal static class LocalSchedule
{
    public static void Look(Turn turn)
    {
        foreach (ResourceDefinition definition in Locals(turn.State))
        {
            ResourceState resource = turn.State.Resources[definition.Name];
            if (resource.Control.Disabled || resource.Local is not { Dirty: true, Looking.Value: 0 } local || LocalHolds.OfLook(turn.State, definition.Name) is not null)
                continue;
            WorkId work = turn.NewWork();
            turn.Set(definition.Name, resource with { Local = local with { Dirty = false, Looking = work } });
            turn.Ask(new EngineEffect.LookAtLocal(work, definition, local.Known));
        }
    }

    public static void Run(Turn turn)
    {
        foreach (ResourceDefinition definition in Locals(turn.State))
        {
            ResourceState resource = turn.State.Resources[definition.Name];
            if (resource.Deploying != WorkId.None || resource.Local is not { Dirty: false, Looking.Value: 0, Key: { } key } local || key == resource.Deployed || key == resource.Refused
                || Holds.OfDeploy(turn.State, definition) is not null)
            {
                continue;
            }
            ImmutableArray<RunReason> why = !local.Reasons.IsEmpty ? local.Reasons : [resource.Deployed is null ? new RunReason.Asked() : new RunReason.FoundChanged()];
            WorkId work = turn.NewWork();
            turn.Set(definition.Name, resource with
            {
                Deploying = work,
                DeployingKey = key,
                // However this run ends, what the one before wrote is not relied on any more.
                Deployed = null,
                Failure = [],
                BrokenSince = null,
                SettledBroken = false,
                Control = resource.Control.Begun(),
                Local = local with { Reasons = why },
            });
            turn.Ask(new EngineEffect.StartLocal(work, definition, key, why));
        }
    }

    private static IEnumerable<ResourceDefinition> Locals(EngineState state) =>
        state.Project.Resources.Where(r => r.Local is not null && state.Resources.ContainsKey(r.Name));
}
