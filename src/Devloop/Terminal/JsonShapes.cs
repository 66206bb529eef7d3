using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Cli.Terminal;

/// <summary>The JSON that commands share; snake_case, paths relative to the config with <c>/</c>.</summary>
public static class JsonShapes
{
    public static JsonSerializerOptions OneLine { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Indented { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    public static JsonArray List(IEnumerable<Diagnostic> diagnostics) => new([.. diagnostics.Select(d => (JsonNode)Of(d))]);

    public static JsonObject Of(Diagnostic diagnostic) => new()
    {
        ["code"] = diagnostic.Code,
        ["severity"] = diagnostic.Severity == Severity.Error ? "error" : "warning",
        ["message"] = diagnostic.Message,
        ["file"] = diagnostic.At?.File,
        ["line"] = diagnostic.At?.Line,
        ["column"] = diagnostic.At?.Column,
        ["label"] = diagnostic.Label,
        ["notes"] = List(diagnostic.Notes),
        ["help"] = diagnostic.Help,
    };

    /// <summary>How a resource does; what failed has its evidence with it.</summary>
    public static JsonObject Of(ResourceName resource, Health health)
    {
        var json = new JsonObject { ["resource"] = resource.Value, ["status"] = health.StatusWord(), ["text"] = health.Describe() };
        if (health is Health.Failed failed)
        {
            if (failed.LastOutput.Length > 0)
                json["last_output"] = List(failed.LastOutput.Split('\n'));
            json["evidence"] = new JsonArray([.. failed.Evidence.Select(p => (JsonNode)new JsonObject
            {
                ["pod"] = p.Pod,
                ["container"] = p.Container,
                ["message"] = p.Message,
                ["exit_code"] = p.ExitCode,
                ["restarts"] = p.RestartCount,
                ["last_output"] = List(p.LastOutput.Split('\n').Where(l => l.Length > 0)),
            })]);
        }
        return json;
    }

    public static JsonArray Of(IEnumerable<IReason> reasons) => new([.. reasons.Select(r => (JsonNode)new JsonObject
    {
        ["path"] = r.Path,
        ["line"] = r.Line,
        ["text"] = r.Text,
    })]);
}
