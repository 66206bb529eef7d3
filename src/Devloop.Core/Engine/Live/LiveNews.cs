using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Engine.Live;

/// <summary>Reads updates of containers into news: one piece for all containers of a resource that got the same.</summary>
internal static class LiveNews
{
    public static IEnumerable<News> Of(EngineStep step)
    {
        if (ReferenceEquals(step.Before.Resources, step.After.Resources))
            yield break;
        foreach ((ResourceName name, ResourceState after) in step.After.Resources)
        {
            if (!step.Before.Resources.TryGetValue(name, out ResourceState? before))
                continue;
            if (after.LastUpdates is { } ended && !ReferenceEquals(before.LastUpdates, ended))
                yield return new News.LiveUpdateFinished(name, ended, ended.CatchesUp ? [] : [.. ended.Moves.Take(MostReasons).Select(m => new BuildReason.FileChanged(m.From, null, null)).DistinctBy(r => r.File)]);
            if (before.Updates is null && after.Updates is { } begun)
                yield return new News.LiveUpdateStarted(name, begun);
        }
    }

    private const int MostReasons = 20;

    /// <summary>The resource that an event is about which may change how it does.</summary>
    public static ResourceName? ResourceOf(EngineEvent happened) => happened switch
    {
        EngineEvent.ResourceObserved e => e.Resource,
        EngineEvent.ContainerUpdated e => e.Resource,
        EngineEvent.ContainersSeen e => e.Resource,
        _ => null,
    };
}
