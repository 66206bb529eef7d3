using System.Collections.Immutable;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Cli.Terminal.Live;

/// <summary>What runs, as the news and what is said beside them tell it; times are the face's own.</summary>
public sealed record LiveWork
{
    public static LiveWork None { get; } = new();

    public ImmutableDictionary<ImageName, (TimeSpan Began, BuildSteps Steps)> Builds { get; init; } = ImmutableDictionary<ImageName, (TimeSpan, BuildSteps)>.Empty;

    /// <summary>Pushes and pulls.</summary>
    public ImmutableDictionary<ImageName, (TimeSpan Began, LayerTransfers Layers)> Transfers { get; init; } = ImmutableDictionary<ImageName, (TimeSpan, LayerTransfers)>.Empty;

    public ImmutableDictionary<ResourceName, TimeSpan> Deploys { get; init; } = ImmutableDictionary<ResourceName, TimeSpan>.Empty;

    /// <summary>When the first news after the last quiet came; null while all is quiet.</summary>
    public TimeSpan? Began { get; init; }

    public LiveWork With(News news, TimeSpan now) => (news switch
    {
        // What is said of a build may come before the news that it began.
        News.BuildStarted n => this with { Builds = Builds.SetItem(n.Image, (now, Builds.GetValueOrDefault(n.Image, (Began: now, Steps: BuildSteps.None)).Steps)) },
        News.BuildSucceeded n => this with { Builds = Builds.Remove(n.Image) },
        News.BuildFailed n => this with { Builds = Builds.Remove(n.Image) },
        News.BuildCancelled n => this with { Builds = Builds.Remove(n.Image) },
        News.BuildLost n => this with { Builds = Builds.Remove(n.Image) },
        News.PushStarted n => this with { Transfers = Transfers.SetItem(n.Image, (now, LayerTransfers.None)) },
        News.PullStarted n => this with { Transfers = Transfers.SetItem(n.Image, (now, LayerTransfers.None)) },
        News.PushFinished n => this with { Transfers = Transfers.Remove(n.Image) },
        News.PullFinished n => this with { Transfers = Transfers.Remove(n.Image) },
        News.DeployStarted n => this with { Deploys = Deploys.SetItem(n.Resource, now) },
        News.DeployFinished n => this with { Deploys = Deploys.Remove(n.Resource) },
        News.DeployFailed n => this with { Deploys = Deploys.Remove(n.Resource) },
        News.LocalStarted n => this with { Deploys = Deploys.SetItem(n.Resource, now) },
        News.LocalFinished n => this with { Deploys = Deploys.Remove(n.Resource) },
        News.LocalFailed n => this with { Deploys = Deploys.Remove(n.Resource) },
        News.LocalCancelled n => this with { Deploys = Deploys.Remove(n.Resource) },
        _ => this,
    }) with { Began = news is News.Quiet ? null : news is News.Status or News.Unread ? Began : Began ?? now };

    public LiveWork With(SideNews.Build said, TimeSpan now)
    {
        if (said.Progress is BuildProgress.Transfer layer && Transfers.TryGetValue(said.Image, out (TimeSpan Began, LayerTransfers Layers) transfer))
            return this with { Transfers = Transfers.SetItem(said.Image, (transfer.Began, transfer.Layers.With(layer))) };
        (TimeSpan began, BuildSteps steps) = Builds.GetValueOrDefault(said.Image, (now, BuildSteps.None));
        BuildSteps after = steps.With(said.Progress, now);
        return ReferenceEquals(steps, after) ? this : this with { Builds = Builds.SetItem(said.Image, (began, after)) };
    }
}
