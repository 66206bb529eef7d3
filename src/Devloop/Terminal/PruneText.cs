using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Session;

namespace Devloop.Cli.Terminal;

/// <summary>What pruning did, or would do, for people and for machines.</summary>
public static class PruneText
{
    /// <summary>Lines of status: what went, with <paramref name="verbose"/> also what stayed, and the sum.</summary>
    public static void Tell(Consoles consoles, PruneReport report, bool dryRun, bool verbose)
    {
        Palette palette = consoles.ErrorPalette;
        foreach (PrunedItem item in report.Items.Where(i => i.Kept is null || verbose))
        {
            string bytes = item.Bytes > 0 ? Size(item.Bytes) + ", " : "";
            if (item.Kept is null)
                consoles.Status(dryRun ? "Would remove" : "Removed", $"{item.Name}  {palette.Dim($"{bytes}{item.Where}")}");
            else
                consoles.Status("Kept", $"{item.Name}  {palette.Dim($"{item.Where}: {item.Kept}")}", StatusTone.Dim);
        }
        foreach (string remark in report.Remarks)
            consoles.Status("Left alone", remark, StatusTone.Warn);
        int removed = report.Items.Count(i => i.Kept is null);
        consoles.Status(dryRun ? "Would free" : "Freed", $"{Size(report.FreedBytes)}; {Count.Of(removed, "image")} {(dryRun ? "to remove" : "removed")}, {report.Items.Length - removed} kept");
    }

    public static JsonObject Json(PruneReport report, bool dryRun) => new()
    {
        ["dry_run"] = dryRun,
        ["removed"] = new JsonArray([.. report.Items.Where(i => i.Kept is null).Select(i => (JsonNode)Of(i))]),
        ["kept"] = new JsonArray([.. report.Items.Where(i => i.Kept is not null).Select(i => (JsonNode)Of(i))]),
        ["freed_bytes"] = report.FreedBytes,
        ["remarks"] = JsonShapes.List(report.Remarks),
        ["diagnostics"] = JsonShapes.List(report.Failures),
    };

    private static JsonObject Of(PrunedItem item)
    {
        var json = new JsonObject
        {
            ["image"] = item.Image.Value,
            ["where"] = item.Where,
            ["reference"] = item.Name,
            ["digest"] = item.Digest.Value,
            ["bytes"] = item.Bytes,
        };
        if (item.Kept is not null)
            json["reason"] = item.Kept;
        return json;
    }

    /// <summary>In units of 1000, as docker shows sizes of images.</summary>
    private static string Size(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        double number = bytes;
        int unit = 0;
        for (; number >= 1000 && unit < units.Length - 1; unit++)
            number /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{number:0.##} {units[unit]}");
    }
}
