using System.Collections.Immutable;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session;

namespace Devloop.Cli.Terminal;

/// <summary>A run as lines that are only ever appended: for pipes, files, CI, and terminals alike.</summary>
public sealed class PlainFace : IFace
{
    private const int MostPaths = 3;

    private readonly Consoles _consoles;
    private readonly bool _verbose;
    private readonly Func<ResourceName, ImmutableArray<string>> _urls;
    private readonly LongSteps? _longSteps;
    private int _nameWidth = 12;

    // The last thing that happened is that the config could not be read: a round that did nothing else has no sum to tell.
    private bool _broken;

    /// <param name="verbose">Every step and every line of output, also of builds that succeed.</param>
    /// <param name="urls">The local addresses of a resource, to show when it is ready.</param>
    /// <param name="namesLongSteps">Name a step that runs for some seconds, and then its output: for who sees no step otherwise.</param>
    public PlainFace(Consoles consoles, bool verbose, Func<ResourceName, ImmutableArray<string>> urls, bool namesLongSteps = true)
    {
        (_consoles, _verbose, _urls) = (consoles, verbose, urls);
        if (namesLongSteps)
            _longSteps = new LongSteps(TimeProvider.System, (image, step) => _consoles.Status("", $"{Name(image.Value)} {step} {Dim("…")}", StatusTone.Dim), Wrote);
    }

    public void Loaded(RunHeader header)
    {
        string resources = header.Target is null ? "" : $"  {Count.Of(header.Resources, "resource")}  {header.Target}";
        _consoles.Status("Loaded", $"{header.ConfigFile}  {Count.Of(header.Images, "image")}{resources}");
        _consoles.Diagnose(header.Warnings);
    }

    public void Tell(News news, EngineState state)
    {
        _nameWidth = Math.Clamp(state.Images.Keys.Select(i => i.Value.Length).Concat(state.Resources.Keys.Select(r => r.Value.Length)).DefaultIfEmpty(12).Max(), 12, 40);
        switch (news)
        {
            case News.Changed n:
                _consoles.Status("Changed", Paths(n.Paths));
                if (n.Affected.Length > 1)
                    _consoles.Status("Affected", $"{string.Join(", ", n.Affected)}  {Count.Of(n.Untouched, "image")} untouched", StatusTone.Dim);
                break;
            case News.Unread n when _verbose:
                foreach (PathUse use in n.Paths)
                    _consoles.Status("Unread", $"{use.Path} {Dim(string.Join("; ", use.Images.Select(v => $"{v.Image}: {v.Text}{PlanText.Place(v.File, v.Line)}")))}", StatusTone.Dim);
                if (n.More > 0)
                    _consoles.Status("", Dim($"and {Count.Of(n.More, "more file")}"), StatusTone.Dim);
                break;
            case News.Unchanged n:
                _consoles.Status("Unchanged", $"{Name(n.Image.Value)} {Dim("same content: " + Why(n.Reasons))}", StatusTone.Dim);
                break;
            case News.BuildStarted { InBackground: true } n:
                if (_verbose)
                    _consoles.Status("Building", $"{Name(n.Image.Value)} {Dim("in the background; its containers have it already")}", StatusTone.Dim);
                break;
            case News.BuildStarted n:
                _consoles.Status("Building", $"{Name(n.Image.Value)} {Dim(Why(n.Reasons))}");
                break;
            case News.BuildSucceeded n:
                TellBuilt(n);
                break;
            case News.BuildFailed n:
                _longSteps?.Forget(n.Image);
                _consoles.Status("Failed", $"{Name(n.Image.Value)} {DurationText.Of(n.Took),6}  {StepsText.FailedAt(n.Steps)}", StatusTone.Bad);
                _consoles.Diagnose(n.Diagnostics);
                break;
            case News.BuildCancelled n:
                _longSteps?.Forget(n.Image);
                _consoles.Status("Stopped", $"{Name(n.Image.Value)} {DurationText.Of(n.Took),6}  {(n.Stopped ? "this run was stopped" : "a newer edit made this build obsolete")}", StatusTone.Dim);
                break;
            case News.BuildLost n:
                _longSteps?.Forget(n.Image);
                _consoles.Status("Stopped", $"{Name(n.Image.Value)} {DurationText.Of(n.Took),6}  the engine went away; it is built again once it answers", StatusTone.Dim);
                break;
            case News.PushFinished { Failure: null } n:
                _consoles.Status(n.IntoNodes ? "Loaded" : "Pushed", $"{Name(n.Image.Value)} {n.Tag.Short}  {DurationText.Of(n.Took),6}");
                break;
            case News.PushFinished { Failure: { } why } n:
                _consoles.Status("Failed", $"{Name(n.Image.Value)} {DurationText.Of(n.Took),6}  {(n.IntoNodes ? "not loaded into the nodes" : "push")}", StatusTone.Bad);
                _consoles.Diagnose([why]);
                break;
            case News.PullFinished n:
                if (n.Failure is null)
                    _consoles.Status("Pulled", $"{Name(n.Image.Value)} {n.Tag.Short}  {DurationText.Of(n.Took),6}");
                else
                    _consoles.Diagnose([n.Failure]);
                break;
            case News.DeployFinished n:
                TellApplied(n);
                break;
            case News.DeployFailed n:
                _consoles.Status("Failed", $"{Name(n.Resource.Value)} {DurationText.Of(n.Took),6}  not applied", StatusTone.Bad);
                _consoles.Diagnose(n.Diagnostics);
                break;
            case News.LiveUpdateFinished n:
                UpdateText.Tell(_consoles, n, Name(n.Resource.Value));
                break;
            case News.RemovalFailed n:
                _consoles.Status("Failed", "what left the config is still there", StatusTone.Bad);
                _consoles.Diagnose(n.Diagnostics);
                break;
            case News.LocalStarted n:
                _consoles.Status("Running", $"{Name(n.Resource.Value)} {Dim(LocalText.Why(n.Reasons))}");
                break;
            case News.LocalFinished n when !LocalText.OnlyServes(state, n.Resource):
                _consoles.Status("Ran", $"{Name(n.Resource.Value)} {DurationText.Of(n.Took),6}  {Dim(LocalText.Why(n.Reasons))}");
                break;
            case News.LocalFailed n:
                _consoles.Status("Failed", $"{Name(n.Resource.Value)} {DurationText.Of(n.Took),6}", StatusTone.Bad);
                _consoles.Diagnose(n.Diagnostics);
                break;
            case News.LocalCancelled n:
                _consoles.Status("Stopped", $"{Name(n.Resource.Value)} {DurationText.Of(n.Took),6}  {(n.Stopped ? "this run was stopped" : "a newer edit made this run obsolete")}", StatusTone.Dim);
                break;
            case News.Status n:
                TellStatus(n, state);
                break;
            case News.ConfigBroken n:
                _broken = true;
                _consoles.Status("Failed", "the config has problems; the last good one stays in force", StatusTone.Bad);
                _consoles.Diagnose(n.Diagnostics);
                break;
            case News.ConfigLoaded n:
                _broken = false;
                _consoles.Status("Loaded", "the config anew");
                _consoles.Diagnose(n.Warnings);
                break;
            case News.Control n:
                ControlLines.Tell(_consoles, n, Name);
                break;
            case News.Quiet n:
                TellQuiet(n.Round, state);
                break;
        }
    }

    public void Tell(SideNews news)
    {
        if (news is SideNews.Build build && !_verbose)
            _longSteps?.See(build.Image, build.Progress);
        switch (news)
        {
            case SideNews.Build { Progress: BuildProgress.StepFinished { Cached: false, Error: null } step } n:
                _consoles.Status("", $"{Name(n.Image.Value)} {step.Step} {Dim(DurationText.Of(step.Took))}", StatusTone.Dim);
                break;
            case SideNews.Build { Progress: BuildProgress.StepFinished { Cached: true } step } n when _verbose:
                _consoles.Status("", $"{Name(n.Image.Value)} {Dim(step.Step + " cached")}", StatusTone.Dim);
                break;
            case SideNews.Build { Progress: BuildProgress.Output line } n when _verbose:
                Wrote(n.Image, line.Line);
                break;
            case SideNews.Build { Progress: BuildProgress.Warning warning } n:
                _consoles.Status("Warning", $"{Name(n.Image.Value)} {warning.Text}{(warning.Line is { } at ? $" (line {at})" : "")}", StatusTone.Warn);
                break;
            case SideNews.Log log:
                _consoles.Write(_consoles.Out, $"{_consoles.OutPalette.Name(log.Resource.Value, log.Resource.Value.PadLeft(12))} │ {log.Line}\n");
                break;
            case SideNews.Warned w:
                _consoles.Status("Warning", $"{Name(w.Resource.Value)} {w.Warning.About}: {w.Warning.Reason}: {w.Warning.Message}", StatusTone.Warn);
                break;
            case SideNews.Forwarding f:
                _consoles.Status("Forwarding", $"{Name(f.Resource.Value)} http://{f.Forward.LocalText}{(f.Forward.RemoteGiven ? $" → {f.Forward.RemotePort}" : "")}");
                break;
            case SideNews.Recreating r:
                _consoles.Status("Recreating", $"{Name(r.Resource.Value)} {r.Object}: {r.Why}", StatusTone.Warn);
                break;
            case SideNews.Removed r:
                _consoles.Status(r.Outcome == RemovalOutcome.Deleted ? "Removed" : "Kept", $"{Name(r.Resource)} {r.Object}  {Dim(RemovalText.Of(r.Outcome))}");
                break;
            case SideNews.WaitsToGo w:
                _consoles.Status("Waiting", $"{w.Object} is on its way out: {w.Why}", StatusTone.Warn);
                break;
            case SideNews.Remark remark when _verbose:
                _consoles.Status("", Dim(remark.Text), StatusTone.Dim);
                break;
            case SideNews.Notice notice:
                _consoles.Diagnose([notice.Diagnostic]);
                break;
        }
    }

    public void Ended(RunOutcome outcome, EngineState state, TimeSpan took)
    {
        _longSteps?.End();
        if (outcome == RunOutcome.Interrupted)
        {
            ResourceName[] running = [.. state.Resources.Where(r => r.Value.Deployed is not null && r.Value.Local is null).Select(r => r.Key)];
            _consoles.Status("Stopped", running.Length == 0 ? "nothing is left running" : $"{string.Join(", ", running)} {(running.Length == 1 ? "stays" : "stay")} in the cluster; `devloop down` removes {(running.Length == 1 ? "it" : "them")}");
            return;
        }
        foreach ((ResourceName name, ResourceState resource) in state.Resources)
        {
            if (state.TimedOut && resource.Health is not (Health.Ready or Health.Completed))
                _consoles.Diagnose([RunReport.NotReadyInTime(name, resource, took)]);
            else if (resource.Health is Health.Failed failed && outcome == RunOutcome.NotHealthy)
                _consoles.Diagnose([RunReport.NotHealthy(name, failed, LocalText.IsLocal(state, name))]);
        }
        _consoles.Status(outcome == RunOutcome.Succeeded ? "Finished" : "Failed", RunReport.LastLine(outcome, state, took), outcome == RunOutcome.Succeeded ? StatusTone.Normal : StatusTone.Bad);
    }

    private void Wrote(ImageName image, string line) =>
        _consoles.Write(_consoles.Error, $"{_consoles.ErrorPalette.Name(image.Value, image.Value.PadLeft(12))} │ {line}\n");

    private void TellBuilt(News.BuildSucceeded n)
    {
        bool reused = n.Result.Kind != BuildKind.Built;
        string time = reused ? "      " : $"{DurationText.Of(n.Took),6}";
        string why = reused ? n.Reasons.Any(r => r is BuildReason.PublishedBefore) ? Why(n.Reasons) : "already built" : n.SameAsBefore ? "same as before; nothing on it changes" : Why(n.Reasons);
        if (n.InBackground)
            why = "in the background; the next pod starts from it";
        _consoles.Status(reused ? "Cached" : "Built", $"{Name(n.Image.Value)} {n.Result.Tag.Short}  {time}  {Dim(why + StepsText.Cached(n.Steps))}", n.InBackground ? StatusTone.Dim : StatusTone.Normal);
    }

    private void TellApplied(News.DeployFinished n)
    {
        string[] changed = [.. n.Changes.Where(c => c.Kind != ChangeKind.Unchanged).Select(c => c.Object.Kind.Kind.ToLowerInvariant()).Distinct()];
        if (changed.Length == 0)
            _consoles.Status("Unchanged", $"{Name(n.Resource.Value)} {Dim("in the cluster already")}", StatusTone.Dim);
        else
            _consoles.Status("Applied", $"{Name(n.Resource.Value)} {string.Join(", ", changed)}  {DurationText.Of(n.Took),6}");
    }

    private void TellStatus(News.Status n, EngineState state)
    {
        switch (n.Now)
        {
            case Health.Ready ready:
                string pods = ready.Text ?? (ready.Wanted > 0 ? $"{ready.ReadyCount}/{ready.Wanted} pods" : "");
                // Only a loop forwards ports; after a pipeline nobody listens there.
                string urls = state.Options.Mode == RunMode.Up ? string.Join("  ", _urls(n.Resource)) : "";
                _consoles.Status("Ready", $"{Name(n.Resource.Value)} {pods}  {urls}".TrimEnd());
                break;
            case Health.Completed:
                _consoles.Status("Ready", $"{Name(n.Resource.Value)} completed");
                break;
            case Health.Failed { Patience: not null } waits:
                _consoles.Status("Held", $"{Name(n.Resource.Value)} {waits.Reason}", StatusTone.Warn);
                break;
            case Health.Failed failed:
                _consoles.Status("Crashed", $"{Name(n.Resource.Value)} {failed.Reason}", StatusTone.Bad);
                break;
            case Health.Progressing progressing when _verbose:
                _consoles.Status("", $"{Name(n.Resource.Value)} {Dim($"{progressing.ReadyCount}/{progressing.Wanted} ready: {progressing.Reason}")}", StatusTone.Dim);
                break;
        }
    }

    private void TellQuiet(RoundSummary round, EngineState state)
    {
        foreach ((ImageName image, HoldReason why) in round.Held)
            _consoles.Status("Held", $"{Name(image.Value)} {why.Text}", StatusTone.Warn);
        foreach ((ResourceName resource, HoldReason why) in round.HeldResources)
            _consoles.Status("Held", $"{Name(resource.Value)} {why.Text}", StatusTone.Warn);
        int unhealthy = state.Resources.Values.Count(r => r.Health is Health.Failed && r.Failure.IsEmpty);
        if (state.Options.Mode == RunMode.Up && !(_broken && round is { Built: 0, Reused: 0, Failed: 0, Applied: 0 }))
            _consoles.Status("Finished", RunReport.Round(round, unhealthy), round.Failed + unhealthy > 0 ? StatusTone.Bad : StatusTone.Normal);
        _broken = false;
    }

    private string Name(string name) => _consoles.ErrorPalette.Name(name, name.PadRight(_nameWidth));

    private string Dim(string text) => _consoles.ErrorPalette.Dim(text);

    private static string Why(ImmutableArray<BuildReason> reasons) =>
        reasons.Length == 0 ? "" : reasons[0].Text + (reasons.Length > 1 ? $" and {reasons.Length - 1} more" : "");

    private static string Paths(ImmutableArray<string> paths) =>
        string.Join(", ", paths.Take(MostPaths)) + (paths.Length > MostPaths ? $" and {paths.Length - MostPaths} more" : "");

}
