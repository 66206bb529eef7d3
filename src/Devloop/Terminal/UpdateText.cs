using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Engine;
using Devloop.Engine.Live;
using Devloop.Planning.Live;

namespace Devloop.Cli.Terminal;

/// <summary>Updates of running containers in words and as JSON.</summary>
internal static class UpdateText
{
    /// <summary>Named at most on one line.</summary>
    private const int MostMoves = 2;

    /// <summary>Such as <c>server.js → /app/server.js, 2 containers, restarted</c>.</summary>
    public static string Of(UpdateBatch update)
    {
        string what = update.Moves.Length switch
        {
            0 => "commands alone",
            <= MostMoves => string.Join(", ", update.Moves.Select(m => m.From.Length == 0 ? $"{m.To} removed" : $"{m.From} → {m.To}")),
            var many => Count.Of(many, "file"),
        };
        string containers = update.Containers.Count > 1 ? $", {Count.Of(update.Containers.Count, "container")}" : "";
        string runs = update.Runs > 0 ? $", {Count.Of(update.Runs, "command")} run" : "";
        return (update.CatchesUp ? "caught up: " : "") + what + containers + runs + (update.Restarted ? ", restarted" : "");
    }

    public static void Tell(Consoles consoles, News.LiveUpdateFinished n, string name)
    {
        if (n.Update.Failures.IsEmpty)
        {
            consoles.Status("Updated", $"{name} {DurationText.Of(n.Update.Took),6}  {Of(n.Update)}");
            return;
        }
        consoles.Status("Failed", $"{name} {DurationText.Of(n.Update.Took),6}  not updated{(n.Update.BuildsInstead ? "; its image is built instead" : "")}", StatusTone.Bad);
        consoles.Diagnose(n.Update.Failures);
    }

    public static JsonObject Json(News.LiveUpdateFinished n)
    {
        var fields = new JsonObject
        {
            ["resource"] = n.Resource.Value,
            ["outcome"] = n.Update.Failures.IsEmpty ? "updated" : "failed",
            ["seconds"] = Math.Round(n.Update.Took.TotalSeconds, 4),
            ["reasons"] = JsonShapes.Of(n.Reasons),
            ["files"] = Files(n.Update.Moves),
            ["containers"] = n.Update.Containers.Count,
            ["restarted"] = n.Update.Restarted,
        };
        if (!n.Update.Failures.IsEmpty)
        {
            fields["builds_instead"] = n.Update.BuildsInstead;
            fields["diagnostics"] = JsonShapes.List(n.Update.Failures);
        }
        return fields;
    }

    public static JsonArray Files(IEnumerable<LiveMove> moves) =>
        [.. moves.Select(m => (JsonNode)new JsonObject { ["from"] = m.From.Length == 0 ? null : m.From, ["to"] = m.To })];

    /// <summary>For the log.</summary>
    public static string Line(News.LiveUpdateFinished n) => string.Create(CultureInfo.InvariantCulture,
        $"{(n.Update.Failures.IsEmpty ? "updated" : "not updated")} {n.Resource} in {n.Update.Took.TotalMilliseconds:0} ms: {Of(n.Update)}{string.Concat(n.Update.Failures.Select(f => $"; {f.Code} {f.Message}"))}");
}
