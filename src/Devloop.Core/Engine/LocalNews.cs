using System.Collections.Immutable;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>Reads steps of local commands into news.</summary>
internal static class LocalNews
{
    /// <summary>What the end of a run means; null when nobody waited for it.</summary>
    public static News? Of(EngineEvent.LocalRan e, EngineStep step, TimeSpan took)
    {
        if (step.Before.Resources.GetValueOrDefault(e.Resource) is not { } before || before.Deploying != e.Work)
            return null;
        return e.Outcome is LocalOutcome.Failed failed
            ? new News.LocalFailed(e.Resource, failed.Diagnostics, took)
            : new News.LocalFinished(e.Resource, before.Local?.Reasons ?? [], took, Serves(step.After, e.Resource));
    }

    /// <summary>A run that a newer edit, or the end of all work, made obsolete.</summary>
    public static News? OfCancel(EngineEffect.Cancel cancel, EngineStep step, TimeSpan took)
    {
        foreach ((Model.ResourceName name, ResourceState resource) in step.Before.Resources)
        {
            if (resource.Local is not null && resource.Deploying == cancel.Work && cancel.Work != WorkId.None)
                return new News.LocalCancelled(name, took, step.After.Stopping);
        }
        return null;
    }

    /// <summary>Whether some local command is looked at because of a step.</summary>
    public static bool IsTouched(EngineStep step) =>
        step.After.Resources.Any(r => r.Value.Local is { } now && step.Before.Resources.GetValueOrDefault(r.Key)?.Local is { } was && !ReferenceEquals(was, now));

    /// <summary>Whether a local command reads a path.</summary>
    public static bool Reads(EngineStep step, string path) =>
        step.After.Project.Resources.Any(r => r.Local is { } local && local.Inputs.Reads(path, step.Before.Resources.GetValueOrDefault(r.Name)?.Local?.Known?.Snapshot));

    private static bool Serves(EngineState state, Model.ResourceName name) =>
        state.Project.Resources.FirstOrDefault(r => r.Name == name)?.Local?.Command.Serve is not null;
}
