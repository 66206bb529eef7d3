using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>How what changes in the contexts of a deployed image and of its bases comes to containers that run it. Pure.</summary>
public abstract class LiveRules
{
    /// <summary>What it takes to bring a container from one content to another; or what stands in the way of that.</summary>
    /// <param name="from">What the container shows.</param>
    /// <param name="to">What it is to show.</param>
    /// <param name="doubtful">What the container may show otherwise, after a transfer that broke: treated as changed.</param>
    public abstract LivePlan Between(LiveContent from, LiveContent to, IReadOnlyCollection<LivePath> doubtful);

    /// <summary>All that containers get from here, whatever they show; for a container that was just seen.</summary>
    public abstract LivePlan All(LiveContent to);

    /// <summary>What edits of these paths would do, as far as it can be told without reading anything.</summary>
    /// <param name="paths">Relative to the project.</param>
    public abstract LiveForecast Forecast(ImmutableArray<string> paths);
}
