using System.Collections.Immutable;
using System.CommandLine;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Cli.Commands;

internal static class PlanCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to plan for, with what they need; all when none is named");
        var changed = new Option<string[]>("--changed") { Description = "Plan for an edit of this file or directory, as if all else were up to date; may be given several times", HelpName = "PATH" };
        var command = new Command("plan", "Print what would be built and deployed, and the reason for each. Changes nothing.") { names, changed };
        CommandHelp.WithExamples(command,
            "devloop plan",
            "devloop plan --changed package/lib.js --changed README.md",
            "devloop plan --output json | jq -r '.builds[] | select(.action != \"reuse\") | .image'");
        CommandHelp.WithExitCodes(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Settings settings = globals.Read(parsed);
            var source = new ProjectSource(settings);
            if (source.LoadOrShow(settings) is not { } whole)
                return ExitCode.Usage;
            Parsed<ResolvedProject> chosen = Selection.OfResources(whole, [.. parsed.GetValue(names) ?? []]);
            if (!chosen.TryGet(out ResolvedProject? project))
            {
                Report.Show(settings, chosen.Diagnostics);
                return ExitCode.Usage;
            }
            await using DryRun run = await DryRun.StartAsync(settings, source, project, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(changed) is { Length: > 0 } edits)
            {
                ImmutableArray<string> paths = [.. edits.SelectMany(e => FilesAt(source.Files, e)).Distinct(StringComparer.Ordinal)];
                Print(settings, EditForecast.Of(await run.KnowingBasesAsync(project, cancellationToken).ConfigureAwait(false), paths));
                return ExitCode.Success;
            }
            if (run.Why is { } why)
            {
                Report.Show(settings, [why]);
                return ExitCode.Environment;
            }
            Parsed<Plan> planned = await run.PlanAsync(settings, project, cancellationToken).ConfigureAwait(false);
            if (planned.TryGet(out Plan? plan))
            {
                Print(settings, plan);
                return ExitCode.Success;
            }
            Report.Show(settings, planned.Diagnostics);
            return planned.Diagnostics.Any(d => d.Code == DiagnosticCode.EngineUnreachable) ? ExitCode.Environment : ExitCode.BuildFailed;
        });
        return command;
    }

    /// <summary>Relative to the project, with <c>/</c>; of a directory all files below it. A file need not exist: its removal is an edit too.</summary>
    /// <param name="typed">Relative to the current directory, as in every command line.</param>
    private static ImmutableArray<string> FilesAt(IFileTree files, string typed)
    {
        string absolute = Path.GetFullPath(typed).Replace('\\', '/');
        string path = ProjectPath.Below(files.Root, absolute) ?? absolute;
        return files.KindOf(path) == PathKind.Directory ? files.FilesBelow(path) : [path];
    }

    private static void Print(Settings settings, Plan plan) => settings.Consoles.Write(settings.Consoles.Out,
        settings.Json ? PlanText.Json(plan).ToJsonString(JsonShapes.Indented) + "\n" : PlanText.Of(plan, settings.Consoles.OutPalette));
}
