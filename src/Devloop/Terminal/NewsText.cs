using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;

namespace Devloop.Cli.Terminal;

/// <summary>A piece of news on one line, for the log.</summary>
internal static class NewsText
{
    public static string Of(News news) => news switch
    {
        News.Changed n => $"changed {string.Join(", ", n.Paths)}; affected {string.Join(", ", n.Affected)}",
        News.Unread n => $"changed {string.Join(", ", n.Paths.Select(p => p.Path))}{(n.More > 0 ? $" and {n.More} more" : "")}; nothing reads them",
        News.Unchanged n => $"unchanged {n.Image}: {Why(n.Reasons)}",
        News.BuildStarted n => $"building {n.Image}: {Why(n.Reasons)}",
        News.BuildSucceeded n => $"{n.Result.Kind} {n.Image} {n.Result.Tag} in {DurationText.Of(n.Took)}, key {n.Result.Key}",
        News.BuildFailed n => $"failed {n.Image} after {DurationText.Of(n.Took)}: {Codes(n.Diagnostics)}",
        News.BuildCancelled n => $"{(n.Stopped ? "stopped" : "cancelled")} {n.Image} after {DurationText.Of(n.Took)}",
        News.BuildLost n => $"lost {n.Image} after {DurationText.Of(n.Took)}: {n.Why.Message}",
        News.PushStarted n => $"{(n.IntoNodes ? "loading" : "pushing")} {n.Image} {n.Tag}",
        News.PushFinished n => $"{(n.IntoNodes ? "loaded" : "pushed")} {n.Image} {n.Tag}: {n.Failure?.Code ?? "done"}",
        News.DeployStarted n => $"deploying {n.Resource}",
        News.DeployFinished n => $"deployed {n.Resource}: {string.Join(", ", n.Changes.Select(c => $"{c.Object} {c.Kind}"))}",
        News.DeployFailed n => $"not deployed {n.Resource}: {Codes(n.Diagnostics)}",
        News.LiveUpdateStarted n => $"updating {n.Resource}: {UpdateText.Of(n.Update)}",
        News.LiveUpdateFinished n => UpdateText.Line(n),
        News.RemovalFailed n => $"not removed: {Codes(n.Diagnostics)}",
        News.LocalStarted n => $"running {n.Resource}: {LocalText.Why(n.Reasons)}",
        News.LocalFinished n => $"ran {n.Resource} in {DurationText.Of(n.Took)}",
        News.LocalFailed n => $"failed {n.Resource} after {DurationText.Of(n.Took)}: {Codes(n.Diagnostics)}",
        News.LocalCancelled n => $"{(n.Stopped ? "stopped" : "cancelled")} {n.Resource} after {DurationText.Of(n.Took)}",
        News.Status n => $"{n.Resource} is {n.Now.StatusWord()}: {n.Now.Describe()}",
        News.Control n => ControlEvents.Of(n) is var (type, fields) ? $"{type} {fields.ToJsonString(JsonShapes.OneLine)}" : "",
        News.ConfigBroken n => $"config broken: {Codes(n.Diagnostics)}",
        News.ConfigLoaded => "config loaded",
        News.Quiet n => $"quiet: {RunReport.Round(n.Round)}",
        _ => news.GetType().Name,
    };

    private static string Why(ImmutableArray<BuildReason> reasons) => string.Join("; ", reasons.Select(r => r.Text));

    private static string Codes(ImmutableArray<Diagnostic> diagnostics) => string.Join("; ", diagnostics.Select(d => $"{d.Code} {d.Message}"));
}
