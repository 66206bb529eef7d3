using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Cli.Terminal;
using Devloop.Engine;

namespace Devloop.Cli.Reports;

/// <summary>A run as one JSON document. Fields are added, never renamed.</summary>
public static class ReportJson
{
    public static string Of(RunReportDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new JsonObject
        {
            ["version"] = 1,
            ["project"] = document.Project,
            ["outcome"] = document.Outcome,
            ["exit_code"] = document.ExitCode,
            ["began"] = document.Began.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["seconds"] = Seconds(document.Took),
            ["stages"] = Stages(document.Stages),
            ["images"] = new JsonArray([.. document.Images.Select(i => (JsonNode)Of(i))]),
            ["resources"] = new JsonArray([.. document.Resources.Select(r => (JsonNode)Of(r))]),
            ["diagnostics"] = JsonShapes.List(document.Problems),
        }.ToJsonString(JsonShapes.Indented) + "\n";
    }

    private static JsonObject Of(ReportedImage image) => new()
    {
        ["image"] = image.Image.Value,
        ["reference"] = image.Reference?.Familiar,
        ["tag"] = image.Result?.Tag.Value,
        ["digest"] = image.Result?.Digest.Value,
        ["key"] = image.Result?.Key.Value,
        ["outcome"] = image.Outcome,
        ["seconds"] = Seconds(image.Took),
        ["why"] = image.Why,
        ["diagnostics"] = JsonShapes.List(image.Diagnostics),
        ["log"] = JsonShapes.List(image.Lines),
    };

    private static JsonObject Of(ReportedResource resource) => new()
    {
        ["resource"] = resource.Resource.Value,
        ["outcome"] = resource.Outcome,
        ["seconds"] = Seconds(resource.Took),
        ["why"] = resource.Why,
        ["status"] = resource.Status,
        ["text"] = resource.Text,
        ["ready_seconds"] = Seconds(resource.ReadyAfter),
        ["evidence"] = JsonShapes.List(resource.Evidence),
        ["diagnostics"] = JsonShapes.List(resource.DeployDiagnostics.Concat(resource.HealthDiagnostics)),
        ["log"] = JsonShapes.List(resource.Lines),
    };

    private static JsonObject Stages(StageTimes stages) => new()
    {
        ["planned"] = Seconds(stages.Planned),
        ["built"] = Seconds(stages.Built),
        ["pushed"] = Seconds(stages.Pushed),
        ["applied"] = Seconds(stages.Applied),
        ["ready"] = Seconds(stages.Ready),
    };

    private static JsonNode? Seconds(TimeSpan? time) => time is { } t ? Math.Round(t.TotalSeconds, 3) : null;
}
