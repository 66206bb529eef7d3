using System.Collections.Immutable;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>Turns steps into news. Keeps only what it takes to time things: when work began, and the round under way.</summary>
public sealed class NewsReader
{
    private const int MostUnread = 5;

    private readonly Dictionary<WorkId, TimeSpan> _startedAt = [];
    private RoundSummary? _round;
    private int _rounds;

    public ImmutableArray<News> Read(EngineStep step)
    {
        var news = ImmutableArray.CreateBuilder<News>();
        TimeSpan now = step.Happened.At;
        if (_round is null && (!RunOutcomes.IsQuiet(step.After) || step.Happened is EngineEvent.FilesChanged or EngineEvent.Started))
            _round = new RoundSummary { Number = _rounds++, Began = now };

        foreach (EngineEffect cancelled in step.Effects.Where(e => e is EngineEffect.Cancel))
            ReadCancel((EngineEffect.Cancel)cancelled, step, news);
        ReadEvent(step, news);
        news.AddRange(ControlNews.Of(step));
        foreach (News update in LiveNews.Of(step))
        {
            if (update is News.LiveUpdateFinished { Update: { Failures.IsEmpty: var good } })
            {
                Count(r => good ? r with { Updated = r.Updated + 1 } : r with { Failed = r.Failed + 1 });
                Stage(s => s with { Updated = Since(now) });
            }
            news.Add(update);
        }
        foreach (EngineEffect effect in step.Effects)
            ReadEffect(effect, step, news);

        bool acted = news.Any(n => n is not News.Changed and not News.Status and not News.Unread and not News.Control);
        if (_round is { } round && RunOutcomes.IsQuiet(step.After) && !step.After.Stopping)
        {
            _round = null;
            if (acted || step.Happened is not EngineEvent.FilesChanged)
                news.Add(new News.Quiet(Close(round, step)));
        }
        return news.ToImmutable();
    }

    private static RoundSummary Close(RoundSummary round, EngineStep step) => round with
    {
        Ended = step.Happened.At,
        Held = [.. step.After.Project.Graph.BottomUp.Select(i => (i, Holds.Of(step.After, i))).Where(h => h.Item2 is not null && !ControlNews.IsWish(h.Item2)).Select(h => (h.i, h.Item2!))],
        HeldResources =
        [
            .. step.After.Project.Resources
                .Where(r => step.After.Resources.GetValueOrDefault(r.Name) is { Deployed: null, Failure.Length: 0 })
                .Select(r => (r.Name, Holds.OfDeploy(step.After, r)))
                // What waits for the user is told at the start, and then as it changes.
                .Where(h => h.Item2 is not null && !(ControlNews.IsWish(h.Item2) && round.Number > 0)).Select(h => (h.Name, h.Item2!)),
        ],
    };

    private void ReadEvent(EngineStep step, ImmutableArray<News>.Builder news)
    {
        TimeSpan now = step.Happened.At;
        switch (step.Happened)
        {
            case EngineEvent.FilesChanged e:
                ReadChange(e, step, news);
                break;
            case EngineEvent.Fingerprinted e when WasAwaited(step, e.Image, i => i.Fingerprinting == e.Work):
                Stage(s => s with { Planned = Since(now) });
                ReadFingerprint(e, step, news);
                break;
            case EngineEvent.FingerprintFailed e when WasAwaited(step, e.Image, i => i.Fingerprinting == e.Work):
                Count(r => r with { Failed = r.Failed + 1 });
                news.Add(new News.BuildFailed(e.Image, e.Diagnostics, step.Before.Images[e.Image].Reasons, TimeSpan.Zero));
                break;
            case EngineEvent.BuildFinished e when WasAwaited(step, e.Image, i => i.Building?.Work == e.Work):
                Stage(s => s with { Built = Since(now) });
                ReadBuild(e, step, news);
                break;
            case EngineEvent.EngineAnswered { Away: { } why } e when step.Before.AwaitingEngine == e.Work:
                foreach ((ImageName name, ImageState queued) in step.Before.Images.Where(i => i.Value.Queued is not null))
                {
                    Count(r => r with { Failed = r.Failed + 1 });
                    news.Add(new News.BuildFailed(name, [why], queued.Reasons, TimeSpan.Zero));
                }
                break;
            case EngineEvent.PushFinished e when WasAwaited(step, e.Image, i => i.Pushing == e.Work):
                Stage(s => s with { Pushed = Since(now) });
                news.Add(new News.PushFinished(e.Image, ContentTag.Of(e.Digest), e.Failure, Took(e.Work, now), Sharing.LoadsNodes(step.After)));
                break;
            case EngineEvent.PullFinished e when WasAwaited(step, e.Image, i => i.Pulling == e.Work):
                news.Add(new News.PullFinished(e.Image, ContentTag.Of(e.Digest), e.Failure, Took(e.Work, now)));
                break;
            case EngineEvent.Published e when WasAwaited(step, e.Image, i => i.Publishing == e.Work && i.Result?.Digest != step.After.Images[e.Image].Result?.Digest):
                Count(r => r with { Reused = r.Reused + 1 });
                news.Add(new News.BuildSucceeded(e.Image, step.After.Images[e.Image].Result!, [new BuildReason.PublishedBefore()], TimeSpan.Zero, SameAsBefore: false));
                break;
            case EngineEvent.DeployFinished e when step.Before.Resources.GetValueOrDefault(e.Resource)?.Deploying == e.Work:
                Stage(s => s with { Applied = Since(now) });
                ReadDeploy(e, now, news);
                break;
            case EngineEvent.LeftoversRemoved { Failures.IsEmpty: false } e when step.Before.Removing == e.Work && (!e.Environment || step.Before.RemovalFailure.IsEmpty):
                Count(r => r with { Failed = r.Failed + 1 });
                news.Add(new News.RemovalFailed(e.Failures));
                break;
            case EngineEvent.LocalRan e when LocalNews.Of(e, step, Took(e.Work, now)) is { } ran:
                Count(r => ran is News.LocalFailed ? r with { Failed = r.Failed + 1 } : r with { Ran = r.Ran + 1 });
                news.Add(ran);
                break;
            case EngineEvent.LocalLookFailed e when step.Before.Resources.GetValueOrDefault(e.Resource)?.Local?.Looking == e.Work:
                Count(r => r with { Failed = r.Failed + 1 });
                news.Add(new News.LocalFailed(e.Resource, [e.Why], TimeSpan.Zero));
                break;
            case EngineEvent.ResourceObserved or EngineEvent.ContainerUpdated or EngineEvent.ContainersSeen when LiveNews.ResourceOf(step.Happened) is { } about:
                Health before = step.Before.Resources.GetValueOrDefault(about)?.Health ?? new Health.Pending("");
                Health after = step.After.Resources.GetValueOrDefault(about)?.Health ?? before;
                if (!before.SameAs(after))
                {
                    news.Add(new News.Status(about, before, after));
                    if (after is Health.Ready or Health.Completed)
                        Stage(s => s with { Ready = Since(now) });
                }
                break;
            case EngineEvent.ProjectLoaded e when step.Before.Reload == e.Work:
                if (e.Project.HasErrors || e.Project.Value is null)
                    news.Add(new News.ConfigBroken(e.Project.Diagnostics));
                else if (!ReferenceEquals(step.Before.Project, step.After.Project) || step.Before.ConfigProblems.Any(p => p.Severity == Diagnostics.Severity.Error))
                    news.Add(new News.ConfigLoaded(e.Project.Diagnostics));
                break;
        }
    }

    private static bool WasAwaited(EngineStep step, ImageName image, Func<ImageState, bool> awaited) =>
        step.Before.Images.TryGetValue(image, out ImageState? state) && awaited(state);

    private static void ReadChange(EngineEvent.FilesChanged e, EngineStep step, ImmutableArray<News>.Builder news)
    {
        ImageName[] touched = [.. step.After.Images.Where(i => step.Before.Images.TryGetValue(i.Key, out ImageState? was) && !ReferenceEquals(was, i.Value)).Select(i => i.Key)];
        if (touched.Length == 0 && !LocalNews.IsTouched(step))
        {
            string[] unread = [.. e.Paths.Where(p => !step.After.Project.IsConfig(p))];
            if (unread.Length > 0 && !e.Overflow)
                news.Add(new News.Unread([.. unread.Take(MostUnread).Select(p => EditForecast.UseOf(step.After.Project, p))], Math.Max(0, unread.Length - MostUnread)));
            return;
        }
        ImmutableArray<ImageName> affected = step.After.Project.Graph.WithChildren(touched);
        ImmutableArray<string> paths = [.. e.Paths.Where(p => step.After.Project.Images.Any(i => i.Reads(p, step.Before.Images.GetValueOrDefault(i.Name)?.Inputs?.Reading) is not null) || LocalNews.Reads(step, p))];
        news.Add(new News.Changed(paths.IsEmpty ? e.Paths : paths, affected, step.After.Images.Count - affected.Length));
    }

    private void ReadFingerprint(EngineEvent.Fingerprinted e, EngineStep step, ImmutableArray<News>.Builder news)
    {
        ImageState before = step.Before.Images[e.Image], after = step.After.Images[e.Image];
        if (LiveStand.IsBehind(after) || after.Dirty)
            return;
        if (after.Queued is not null || after.Building is not null || step.Effects.Any(x => x is EngineEffect.StartBuild b && b.Image.Name == e.Image))
            return;
        if (after.Result is { } result && before.Result?.Key != result.Key)
        {
            Count(r => r with { Reused = r.Reused + 1 });
            news.Add(new News.BuildSucceeded(e.Image, result, before.Reasons, TimeSpan.Zero, before.Result?.Digest == result.Digest));
        }
        else
        {
            news.Add(new News.Unchanged(e.Image, before.Reasons));
        }
    }

    private void ReadBuild(EngineEvent.BuildFinished e, EngineStep step, ImmutableArray<News>.Builder news)
    {
        TimeSpan took = Took(e.Work, step.Happened.At);
        ImageState before = step.Before.Images[e.Image];
        switch (e.Outcome)
        {
            case BuildOutcome.Built when step.After.Images[e.Image].Result is { } result:
                Count(r => r with { Built = r.Built + 1 });
                news.Add(new News.BuildSucceeded(e.Image, result, before.Reasons, took, before.Result?.Digest == result.Digest) { Steps = e.Steps, InBackground = before.Building is { InBackground: true } });
                break;
            case BuildOutcome.Failed failed:
                Count(r => r with { Failed = r.Failed + 1 });
                news.Add(new News.BuildFailed(e.Image, failed.Diagnostics, before.Reasons, took) { Steps = e.Steps });
                break;
            case BuildOutcome.Lost when step.After.Images[e.Image].Failure is { } failure && step.After.Images[e.Image].Settled:
                Count(r => r with { Failed = r.Failed + 1 });
                news.Add(new News.BuildFailed(e.Image, failure.Diagnostics, before.Reasons, took));
                break;
            case BuildOutcome.Lost lost:
                news.Add(new News.BuildLost(e.Image, lost.Why, took));
                break;
            case BuildOutcome.Obsolete:
                news.Add(new News.BuildCancelled(e.Image, took));
                break;
        }
    }

    private void ReadDeploy(EngineEvent.DeployFinished e, TimeSpan now, ImmutableArray<News>.Builder news)
    {
        TimeSpan took = Took(e.Work, now);
        if (e.Outcome is DeployOutcome.Applied applied)
        {
            if (applied.Changes.Any(c => c.Kind != ChangeKind.Unchanged))
                Count(r => r with { Applied = r.Applied + 1 });
            news.Add(new News.DeployFinished(e.Resource, applied.Changes, took));
        }
        else if (e.Outcome is DeployOutcome.Failed failed)
        {
            Count(r => r with { Failed = r.Failed + 1 });
            news.Add(new News.DeployFailed(e.Resource, failed.Diagnostics, took));
        }
    }

    private void ReadEffect(EngineEffect effect, EngineStep step, ImmutableArray<News>.Builder news)
    {
        TimeSpan now = step.Happened.At;
        switch (effect)
        {
            case EngineEffect.StartBuild start:
                _startedAt[start.Work] = now;
                news.Add(new News.BuildStarted(start.Image.Name, start.Work, start.Reasons) { InBackground = step.After.Images[start.Image.Name].Building is { InBackground: true } });
                break;
            case EngineEffect.StartPush push:
                _startedAt[push.Work] = now;
                news.Add(new News.PushStarted(push.Image, ContentTag.Of(push.Digest), Sharing.LoadsNodes(step.After)));
                break;
            case EngineEffect.StartPull pull:
                _startedAt[pull.Work] = now;
                news.Add(new News.PullStarted(pull.Image, ContentTag.Of(pull.Digest)));
                break;
            case EngineEffect.StartDeploy deploy:
                _startedAt[deploy.Work] = now;
                news.Add(new News.DeployStarted(deploy.Resource.Name, [.. deploy.Images.Keys]));
                break;
            case EngineEffect.StartLocal local:
                _startedAt[local.Work] = now;
                news.Add(new News.LocalStarted(local.Resource.Name, local.Reasons));
                break;
        }
    }

    private void ReadCancel(EngineEffect.Cancel cancel, EngineStep step, ImmutableArray<News>.Builder news)
    {
        foreach ((ImageName name, ImageState image) in step.Before.Images)
        {
            if (image.Building?.Work == cancel.Work)
                news.Add(new News.BuildCancelled(name, Took(cancel.Work, step.Happened.At), step.After.Stopping));
        }
        if (LocalNews.OfCancel(cancel, step, Took(cancel.Work, step.Happened.At)) is { } stopped)
            news.Add(stopped);
        _startedAt.Remove(cancel.Work);
    }

    private TimeSpan Took(WorkId work, TimeSpan now) => _startedAt.Remove(work, out TimeSpan at) ? now - at : TimeSpan.Zero;

    private TimeSpan Since(TimeSpan now) => now - (_round?.Began ?? now);

    private void Count(Func<RoundSummary, RoundSummary> change) => _round = _round is null ? null : change(_round);

    private void Stage(Func<StageTimes, StageTimes> change) => _round = _round is null ? null : _round with { Stages = change(_round.Stages) };
}
