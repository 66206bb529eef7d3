using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Rollout;

namespace Devloop.Cli.Terminal;

/// <summary>The closing words of a round and of a run.</summary>
public static class RunReport
{
    /// <summary>Such as <c>2 images built, 1 resource applied, ready in 1.4s</c>.</summary>
    /// <param name="unhealthy">How many resources do not run as they should at its end.</param>
    public static string Round(RoundSummary round, int unhealthy = 0)
    {
        var parts = new List<string>();
        if (round.Failed > 0)
            parts.Add($"{round.Failed} failed");
        if (round.Built > 0)
            parts.Add(Count.Of(round.Built, "image") + " built");
        if (round.Reused > 0)
            parts.Add($"{round.Reused} cached");
        if (round.Applied > 0)
            parts.Add(Count.Of(round.Applied, "resource") + " applied");
        if (round.Updated > 0)
            parts.Add(Count.Of(round.Updated, "resource") + " updated in place");
        if (round.Ran > 0)
            parts.Add(Count.Of(round.Ran, "command") + " run");
        if (parts.Count == 0)
            parts.Add("nothing to build, nothing to apply");
        if (unhealthy > 0)
            parts.Add($"{unhealthy} not healthy");
        string stages = Stages(round);
        return $"{string.Join(", ", parts)} in {DurationText.Of(round.Ended - round.Began)}{(stages.Length > 0 ? $"  ({stages})" : "")}";
    }

    /// <summary>When each stage was reached, since the change was noticed.</summary>
    public static string Stages(RoundSummary round) => string.Join(", ", new (string Name, TimeSpan? At)[]
    {
        ("planned", round.Stages.Planned),
        ("built", round.Stages.Built),
        ("pushed", round.Stages.Pushed),
        ("applied", round.Stages.Applied),
        ("updated", round.Stages.Updated),
        ("ready", round.Stages.Ready),
    }.Where(s => s.At is not null).Select(s => $"{s.Name} {DurationText.Of(s.At!.Value)}"));

    public static string LastLine(RunOutcome outcome, EngineState state, TimeSpan took)
    {
        int failedImages = state.Images.Values.Count(i => i.Failure is not null);
        int good = state.Images.Values.Count(i => i is { Result: not null, Failure: null });
        int ready = state.Resources.Values.Count(r => r.Health is Health.Ready or Health.Completed);
        var parts = new List<string>();
        if (failedImages > 0)
            parts.Add(Count.Of(failedImages, "image") + " failed");
        parts.Add(Count.Of(good, "image") + " good");
        if (state.Options.Mode != RunMode.BuildOnly)
            parts.Add($"{ready} of {Count.Of(state.Resources.Count, "resource")} ready");
        string end = outcome switch
        {
            RunOutcome.BuildFailed => "; the build failed: its output stands above",
            RunOutcome.DeployFailed when state.Resources.Values.All(r => r.Failure.IsEmpty || r.Local is not null) => "; a local command failed: its output stands above",
            RunOutcome.DeployFailed => "; the cluster refused what stands above",
            RunOutcome.NotHealthy when state.TimedOut => "; the time is over",
            RunOutcome.NotHealthy => "; what does not run stands above",
            RunOutcome.Environment => "; the environment is to blame, as stands above",
            _ => "",
        };
        return $"{string.Join(", ", parts)} in {DurationText.Of(took)}{end}";
    }

    public static Diagnostic NotReadyInTime(ResourceName name, ResourceState resource, TimeSpan took) =>
        Diagnostic.Error(DiagnosticCode.HealthTimeout, $"resource `{name}` was not ready after {DurationText.Of(took)}") with
        {
            Label = resource.Health.Describe(),
            Help = resource.Local is not null ? "a longer `--timeout` waits longer" : "a longer `--timeout` waits longer; `kubectl describe` tells what the cluster waits for",
        };

    public static Diagnostic NotHealthy(ResourceName name, Health.Failed failed, bool isLocal = false) =>
        Diagnostic.Error(DiagnosticCode.NotHealthy, $"resource `{name}` is not healthy: {failed.Reason}") with
        {
            Notes = failed.EvidenceLines(),
            Help = isLocal ? "what it serves has to go on until it is stopped; what it wrote stands above"
                : failed.Evidence.Any(p => p.LastOutput.Length > 0) ? "`kubectl logs --previous` shows all that the container wrote" : "`kubectl describe` tells all that the cluster knows of it",
        };
}
