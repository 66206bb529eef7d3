using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Cli.Terminal;

/// <summary>A plan for people, and for machines.</summary>
public static class PlanText
{
    private const int MostReasons = 5;
    private const int MostPaths = 10;
    private const int VerbWidth = 12;

    /// <summary>A line for each thing with its first reason; further reasons below it.</summary>
    public static string Of(Plan plan, Palette palette)
    {
        var text = new StringBuilder();
        int width = plan.Builds.Select(b => b.Image.Value.Length).Concat(plan.Deploys.Select(d => d.Resource.Value.Length)).Concat(plan.Removals.Select(r => r.Resource.Length)).Concat(plan.LiveUpdates.Select(u => u.Resource.Value.Length)).DefaultIfEmpty(0).Max();
        foreach (PathUse use in plan.Paths.Take(MostPaths))
            AppendUse(text, use, palette);
        if (plan.Paths.Length > MostPaths)
            text.Append(palette.Dim($"and {Count.Of(plan.Paths.Length - MostPaths, "more path")}")).Append('\n');
        foreach (PlannedBuild build in plan.Builds)
            Append(text, Word(build.Action), build.Image.Value, build.Reasons, width, palette);
        foreach (PlannedDeploy deploy in plan.Deploys)
            Append(text, Word(deploy), deploy.Resource.Value, deploy.Reasons, width, palette);
        foreach (PlannedLiveUpdate update in plan.LiveUpdates)
            Append(text, update, width, palette);
        foreach (RecordedObject removal in plan.Removals)
            text.Append(palette.Warn("delete".PadLeft(VerbWidth))).Append(' ').Append(palette.Name(removal.Resource, removal.Resource.PadRight(width))).Append($"  {removal.Object} left the config\n");
        if (!plan.Unaffected.IsEmpty)
            text.Append(palette.Dim("unaffected".PadLeft(VerbWidth))).Append(' ').Append(string.Join(", ", plan.Unaffected)).Append('\n');
        return text.Append(Sum(plan)).Append('\n').ToString();
    }

    private static void AppendUse(StringBuilder text, PathUse use, Palette palette)
    {
        text.Append(palette.Strong(use.Path)).Append('\n');
        foreach (PathVerdict verdict in use.Images)
            text.Append($"{(verdict.Reads ? "  → " : "  – ")}{palette.Name(verdict.Image.Value, verdict.Image.Value)}: {verdict.Text}{Place(verdict.File, verdict.Line)}\n");
        foreach (Devloop.Model.ResourceName local in use.Locals)
            text.Append($"  → {palette.Name(local.Value, local.Value)}: among its `deps`\n");
        if (use.Images.IsEmpty && use.Locals.IsEmpty)
            text.Append("  – outside of every image's context\n");
    }

    private static void Append(StringBuilder text, string verb, string name, IEnumerable<IReason> reasons, int width, Palette palette)
    {
        IReason[] all = [.. reasons];
        string padded = verb.PadLeft(VerbWidth);
        text.Append(verb is "reuse" ? palette.Dim(padded) : verb.StartsWith("maybe", StringComparison.Ordinal) ? palette.Warn(padded) : palette.Verb(padded));
        text.Append(' ').Append(palette.Name(name, name.PadRight(width))).Append("  ").Append(all[0].Text).Append('\n');
        foreach (IReason reason in all.Skip(1).Take(MostReasons - 1))
            text.Append(' ', VerbWidth + width + 3).Append(reason.Text).Append('\n');
        if (all.Length > MostReasons)
            text.Append(' ', VerbWidth + width + 3).Append($"and {Count.Of(all.Length - MostReasons, "more reason")}").Append('\n');
    }

    private static void Append(StringBuilder text, PlannedLiveUpdate update, int width, Palette palette)
    {
        string[] lines =
        [
            .. update.Files.Take(MostReasons).Select(f => $"{f.From} → {f.To}"),
            .. update.Files.Length > MostReasons ? [$"and {Count.Of(update.Files.Length - MostReasons, "more file")}"] : Array.Empty<string>(),
            .. update.Restart ? ["and its process starts again"] : Array.Empty<string>(),
        ];
        text.Append(palette.Verb("live update".PadLeft(VerbWidth))).Append(' ').Append(palette.Name(update.Resource.Value, update.Resource.Value.PadRight(width))).Append("  ")
            .Append(string.Join("\n" + new string(' ', VerbWidth + width + 3), lines)).Append('\n');
    }

    /// <summary>The file and line that decide, in parentheses after a space; empty when none does.</summary>
    internal static string Place(string? file, int? line) => file is null ? "" : line is null ? $" ({file})" : $" ({file}:{line})";

    private static string Sum(Plan plan)
    {
        int builds = plan.Builds.Count(b => b.Action == BuildAction.Build), maybe = plan.Builds.Count(b => b.Action == BuildAction.Maybe);
        int deploys = plan.Deploys.Count(d => d.Action == DeployAction.Apply), runs = plan.Deploys.Count(d => d.Action == DeployAction.Run);
        int maybeDeploys = plan.Deploys.Length - deploys - runs;
        return $"{(runs > 0 ? Count.Of(runs, "run") + "; " : "")}{Count.Of(builds, "build")}{(maybe > 0 ? $", {maybe} more maybe" : "")}; {Count.Of(deploys, "deploy")}{(maybeDeploys > 0 ? $", {maybeDeploys} more maybe" : "")}{(plan.LiveUpdates.IsEmpty ? "" : $"; {Count.Of(plan.LiveUpdates.Length, "live update")}")}{(plan.Removals.IsEmpty ? "" : $"; {Count.Of(plan.Removals.Length, "object")} to delete")}";
    }

    private static string Word(BuildAction action) => action switch
    {
        BuildAction.Build => "build",
        BuildAction.Reuse => "reuse",
        _ => "maybe build",
    };

    private static string Word(PlannedDeploy deploy) => deploy.Action switch
    {
        DeployAction.Apply => "apply",
        DeployAction.Run => "run",
        _ => deploy.Reasons.Any(r => r is DeployReason.Run) ? "maybe run" : "maybe apply",
    };

    public static JsonObject Json(Plan plan)
    {
        var json = new JsonObject
        {
            ["builds"] = new JsonArray([.. plan.Builds.Select(b => (JsonNode)new JsonObject
            {
                ["image"] = b.Image.Value,
                ["action"] = b.Action switch { BuildAction.Build => "build", BuildAction.Reuse => "reuse", _ => "maybe" },
                ["reasons"] = JsonShapes.Of(b.Reasons),
            })]),
            ["deploys"] = new JsonArray([.. plan.Deploys.Select(d => (JsonNode)new JsonObject
            {
                ["resource"] = d.Resource.Value,
                ["action"] = d.Action switch { DeployAction.Apply => "apply", DeployAction.Run => "run", _ => "maybe" },
                ["reasons"] = JsonShapes.Of(d.Reasons),
            })]),
            ["live_updates"] = new JsonArray([.. plan.LiveUpdates.Select(u => (JsonNode)new JsonObject
            {
                ["resource"] = u.Resource.Value,
                ["files"] = UpdateText.Files(u.Files),
                ["restart"] = u.Restart,
            })]),
            ["unaffected"] = JsonShapes.List(plan.Unaffected),
        };
        if (!plan.Removals.IsEmpty)
        {
            json["removals"] = new JsonArray([.. plan.Removals.Select(r => (JsonNode)new JsonObject
            {
                ["resource"] = r.Resource,
                ["object"] = r.Object.ToString(),
                ["namespace"] = r.Object.Namespace,
            })]);
        }
        if (!plan.Paths.IsEmpty)
            json["paths"] = new JsonArray([.. plan.Paths.Select(Json)]);
        return json;
    }

    /// <summary>What becomes of a path.</summary>
    public static JsonNode Json(PathUse use) => new JsonObject
    {
        ["path"] = use.Path,
        ["images"] = new JsonArray([.. use.Images.Select(v => (JsonNode)new JsonObject
        {
            ["image"] = v.Image.Value,
            ["reads"] = v.Reads,
            ["text"] = v.Text,
            ["file"] = v.File,
            ["line"] = v.Line,
        })]),
        ["locals"] = JsonShapes.List(use.Locals.Select(l => l.Value)),
    };
}
