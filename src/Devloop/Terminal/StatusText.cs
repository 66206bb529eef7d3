using System.Text;
using System.Text.Json.Nodes;

namespace Devloop.Cli.Terminal;

/// <summary>The picture of a running `up`, as `/api/state` gives it, as two tables.</summary>
internal static class StatusText
{
    /// <param name="head">What is known of the process.</param>
    public static string Of(JsonObject state, string head, Palette palette)
    {
        var text = new StringBuilder();
        text.Append(palette.Strong((string)state["project"]!)).Append("  ").Append((string)state["target"]!).Append('\n').Append(palette.Dim(head)).Append('\n');
        if ((bool)state["paused"]!)
            text.Append(palette.Warn("paused")).Append(": `devloop resume` goes on\n");
        foreach (JsonNode? problem in state["problems"]!.AsArray())
            text.Append(palette.Bad($"{(string)problem!["severity"]!}[{(string)problem["code"]!}]")).Append(": ").Append((string)problem["message"]!).Append('\n');
        Table(text, palette, [.. state["resources"]!.AsArray().Select(r => Row((string)r!["resource"]!, (string)r["status"]!, (string?)r["hold"] ?? Text(r), r["urls"]!.AsArray()))]);
        Table(text, palette, [.. state["images"]!.AsArray().Select(i => Row((string)i!["image"]!, (string)i["state"]!, Why(i), []))]);
        return text.ToString();
    }

    /// <summary>A failure's first words say more than its state.</summary>
    private static string Text(JsonNode resource) =>
        resource["diagnostics"]!.AsArray() is [{ } first, ..] ? $"{(string)first["code"]!}: {(string)first["message"]!}" : (string)resource["text"]!;

    private static string Why(JsonNode image)
    {
        if ((string?)image["hold"] is { } hold)
            return hold;
        if (image["diagnostics"]!.AsArray() is [{ } first, ..])
            return $"{(string)first["code"]!}: {(string)first["message"]!}";
        return image["reasons"]!.AsArray() is [{ } reason, ..] ? (string)reason["text"]! : (string?)image["tag"] ?? "";
    }

    private static (string Name, string State, string Text) Row(string name, string state, string text, JsonArray urls) =>
        (name, state, string.Join("  ", new[] { text }.Concat(urls.Select(u => (string)u!)).Where(t => t.Length > 0)));

    private static void Table(StringBuilder text, Palette palette, (string Name, string State, string Text)[] rows)
    {
        if (rows.Length == 0)
            return;
        int names = rows.Max(r => r.Name.Length), states = rows.Max(r => r.State.Length);
        text.Append('\n');
        foreach ((string name, string state, string what) in rows)
        {
            string word = state.PadRight(states);
            string painted = state is "failed" ? palette.Bad(word) : state is "ready" or "completed" or "built" or "reused" ? palette.Verb(word) : palette.Warn(word);
            text.Append($"{palette.Name(name, name.PadRight(names))}  {painted}  {what}".TrimEnd()).Append('\n');
        }
    }
}
