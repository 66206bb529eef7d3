using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session;

namespace Devloop.Cli.Terminal;

/// <summary>A run as NDJSON: one object a line on stdout. Fields are added, never renamed.</summary>
public sealed class JsonFace(Consoles consoles, TimeProvider clock) : IFace
{
    private readonly TransferEvents _transfers = new(clock);

    public void Loaded(RunHeader header)
    {
        foreach (Diagnostic warning in header.Warnings)
            Write("error", new JsonObject { ["diagnostics"] = JsonShapes.List([warning]) });
    }

    public void Tell(News news, EngineState state)
    {
        if (OverOf(news) is { } image)
            _transfers.Forget(image);
        foreach ((string type, JsonObject fields) in LocalText.Events(news))
            Write(type, fields);
        switch (news)
        {
            case News.Changed n:
                Write("plan", new JsonObject
                {
                    ["paths"] = JsonShapes.List(n.Paths),
                    ["images"] = JsonShapes.List(n.Affected.Select(i => i.Value)),
                });
                break;
            case News.Unread n:
                Write("plan", new JsonObject
                {
                    ["paths"] = JsonShapes.List(n.Paths.Select(p => p.Path)),
                    ["images"] = new JsonArray(),
                    ["unread"] = new JsonArray([.. n.Paths.Select(PlanText.Json)]),
                    ["more"] = n.More,
                });
                break;
            case News.Unchanged n:
                Write("build_finished", OfImage(n.Image, "unchanged", TimeSpan.Zero, n.Reasons));
                break;
            case News.BuildStarted n:
                var begun = new JsonObject { ["image"] = n.Image.Value, ["reasons"] = JsonShapes.Of(n.Reasons) };
                if (n.InBackground)
                    begun["background"] = true;
                Write("build_started", begun);
                break;
            case News.BuildSucceeded n:
                JsonObject built = OfImage(n.Image, n.Result.Kind == BuildKind.Built ? "built" : "reused", n.Took, n.Reasons);
                built["tag"] = n.Result.Tag.Value;
                built["digest"] = n.Result.Digest.Value;
                built["key"] = n.Result.Key.Value;
                built["changed"] = !n.SameAsBefore;
                if (n.InBackground)
                    built["background"] = true;
                Write("build_finished", built);
                break;
            case News.BuildFailed n:
                JsonObject failed = OfImage(n.Image, "failed", n.Took, n.Reasons);
                failed["diagnostics"] = JsonShapes.List(n.Diagnostics);
                Write("build_finished", failed);
                break;
            case News.BuildCancelled n:
                Write("build_cancelled", OfImage(n.Image, n.Stopped ? "stopped" : "cancelled", n.Took, []));
                break;
            case News.BuildLost n:
                JsonObject lost = OfImage(n.Image, "lost", n.Took, []);
                lost["diagnostics"] = JsonShapes.List([n.Why]);
                Write("build_cancelled", lost);
                break;
            case News.PushStarted n:
                Write("push_started", new JsonObject { ["image"] = n.Image.Value, ["tag"] = n.Tag.Value });
                break;
            case News.PushFinished n:
                JsonObject pushed = OfImage(n.Image, n.Failure is not null ? "failed" : n.IntoNodes ? "loaded" : "pushed", n.Took, []);
                pushed["tag"] = n.Tag.Value;
                if (n.Failure is { } why)
                    pushed["diagnostics"] = JsonShapes.List([why]);
                Write("push_finished", pushed);
                break;
            case News.PullStarted n:
                Write("pull_started", new JsonObject { ["image"] = n.Image.Value, ["tag"] = n.Tag.Value });
                break;
            case News.PullFinished n:
                JsonObject pulled = OfImage(n.Image, n.Failure is null ? "pulled" : "failed", n.Took, []);
                pulled["tag"] = n.Tag.Value;
                if (n.Failure is { } trouble)
                    pulled["diagnostics"] = JsonShapes.List([trouble]);
                Write("pull_finished", pulled);
                break;
            case News.DeployStarted n:
                Write("deploy_started", new JsonObject { ["resource"] = n.Resource.Value, ["images"] = JsonShapes.List(n.NewImages.Select(i => i.Value)) });
                break;
            case News.DeployFinished n:
                JsonObject applied = OfResource(n.Resource, n.Changes.All(c => c.Kind == ChangeKind.Unchanged) ? "unchanged" : "applied", n.Took);
                applied["objects"] = new JsonArray([.. n.Changes.Select(c => (JsonNode)new JsonObject
                {
                    ["object"] = c.Object.ToString(),
                    ["change"] = c.Kind.ToString().ToLowerInvariant(),
                })]);
                Write("deploy_finished", applied);
                break;
            case News.DeployFailed n:
                JsonObject refused = OfResource(n.Resource, "failed", n.Took);
                refused["diagnostics"] = JsonShapes.List(n.Diagnostics);
                Write("deploy_finished", refused);
                break;
            case News.LiveUpdateFinished n:
                Write("live_update_finished", UpdateText.Json(n));
                break;
            case News.RemovalFailed n:
                Write("error", new JsonObject { ["diagnostics"] = JsonShapes.List(n.Diagnostics) });
                break;
            case News.Status n:
                Write("resource_status", JsonShapes.Of(n.Resource, n.Now));
                break;
            case News.ConfigBroken n:
                Write("error", new JsonObject { ["diagnostics"] = JsonShapes.List(n.Diagnostics) });
                break;
            case News.Control n:
                (string type, JsonObject fields) = ControlEvents.Of(n);
                Write(type, fields);
                break;
            case News.Quiet n:
                Write("ready", OfRound(n.Round, state));
                break;
        }
    }

    public void Tell(SideNews news)
    {
        if (news is SideNews.Build build && _transfers.See(build.Image, build.Progress) is { } transfer)
            Write("transfer", transfer);
        switch (news)
        {
            case SideNews.Build { Progress: BuildProgress.StepFinished step } n:
                Write("build_step", OfStep(n.Image, step));
                break;
            case SideNews.Build { Progress: BuildProgress.Output line } n:
                Write("log", new JsonObject { ["image"] = n.Image.Value, ["text"] = line.Line });
                break;
            case SideNews.Log n:
                Write("log", new JsonObject { ["resource"] = n.Resource.Value, ["pod"] = n.Pod, ["container"] = n.Container, ["text"] = n.Line });
                break;
            case SideNews.Warned n:
                Write("warning", new JsonObject { ["resource"] = n.Resource.Value, ["object"] = n.Warning.About, ["reason"] = n.Warning.Reason, ["text"] = n.Warning.Message });
                break;
            case SideNews.Removed n:
                Write("object_removed", new JsonObject
                {
                    ["resource"] = n.Resource,
                    ["object"] = n.Object.ToString(),
                    ["namespace"] = n.Object.Namespace,
                    ["outcome"] = n.Outcome == RemovalOutcome.Deleted ? "deleted" : "kept",
                    ["text"] = RemovalText.Of(n.Outcome),
                });
                break;
            case SideNews.Notice n:
                Write("error", new JsonObject { ["diagnostics"] = JsonShapes.List([n.Diagnostic]) });
                break;
        }
    }

    public void Ended(RunOutcome outcome, EngineState state, TimeSpan took) => Write("summary", new JsonObject
    {
        ["outcome"] = outcome switch
        {
            RunOutcome.Succeeded => "succeeded",
            RunOutcome.BuildFailed => "build_failed",
            RunOutcome.DeployFailed => "deploy_failed",
            RunOutcome.NotHealthy => "not_healthy",
            RunOutcome.Environment => "environment",
            _ => "interrupted",
        },
        ["exit_code"] = ExitCode.Of(outcome),
        ["seconds"] = Seconds(took),
        ["images"] = new JsonArray([.. state.Images.Select(i => (JsonNode)new JsonObject
        {
            ["image"] = i.Key.Value,
            ["tag"] = i.Value.Result?.Tag.Value,
            ["failed"] = i.Value.Failure is not null,
        })]),
        ["resources"] = new JsonArray([.. state.Resources.Select(r => (JsonNode)JsonShapes.Of(r.Key, r.Value.Health))]),
    });

    private static JsonObject OfImage(ImageName image, string outcome, TimeSpan took, ImmutableArray<BuildReason> reasons) => new()
    {
        ["image"] = image.Value,
        ["outcome"] = outcome,
        ["seconds"] = Seconds(took),
        ["reasons"] = JsonShapes.Of(reasons),
    };

    private static JsonObject OfStep(ImageName image, BuildProgress.StepFinished step)
    {
        StepName name = StepName.Read(step.Step);
        return new JsonObject
        {
            ["image"] = image.Value,
            ["step"] = name.Text,
            ["stage"] = name.Stage,
            ["number"] = name.Number,
            ["of"] = name.Of,
            ["outcome"] = step.Error is not null ? "failed" : step.Cached ? "cached" : "built",
            ["seconds"] = Seconds(step.Took),
        };
    }

    /// <summary>The image whose build, push or pull ends with a piece of news.</summary>
    private static ImageName? OverOf(News news) => news switch
    {
        News.BuildSucceeded n => n.Image,
        News.BuildFailed n => n.Image,
        News.BuildCancelled n => n.Image,
        News.BuildLost n => n.Image,
        News.PushFinished n => n.Image,
        News.PullFinished n => n.Image,
        _ => null,
    };

    private static JsonObject OfResource(ResourceName resource, string outcome, TimeSpan took) => new()
    {
        ["resource"] = resource.Value,
        ["outcome"] = outcome,
        ["seconds"] = Seconds(took),
    };

    private static JsonObject OfRound(RoundSummary round, EngineState state) => new()
    {
        ["round"] = round.Number,
        // What runs is healthy only when it is what was saved last.
        ["healthy"] = state.Resources.All(r => (r.Value.Health is Health.Ready or Health.Completed && r.Value.Failure.IsEmpty) || Wishes.IsLeftOut(state, r.Key))
            && state.Images.Values.All(i => i.Failure is null),
        ["built"] = round.Built,
        ["reused"] = round.Reused,
        ["failed"] = round.Failed,
        ["applied"] = round.Applied,
        ["updated"] = round.Updated,
        ["ran"] = round.Ran,
        ["seconds"] = Seconds(round.Ended - round.Began),
        ["stages"] = new JsonObject
        {
            ["planned"] = Seconds(round.Stages.Planned),
            ["built"] = Seconds(round.Stages.Built),
            ["pushed"] = Seconds(round.Stages.Pushed),
            ["applied"] = Seconds(round.Stages.Applied),
            ["updated"] = Seconds(round.Stages.Updated),
            ["ready"] = Seconds(round.Stages.Ready),
        },
    };

    private static JsonNode? Seconds(TimeSpan? time) => time is { } t ? Math.Round(t.TotalSeconds, 4) : null;

    private void Write(string type, JsonObject fields)
    {
        var line = new JsonObject
        {
            ["time"] = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["type"] = type,
        };
        foreach ((string name, JsonNode? value) in fields.ToArray())
        {
            fields.Remove(name);
            line[name] = value;
        }
        consoles.Write(consoles.Out, line.ToJsonString(JsonShapes.OneLine) + "\n");
    }
}
