using System.CommandLine;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Cli.Commands;

internal static class PruneCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var keep = new Option<int>("--keep") { Description = "How many of each image stay, the newest", DefaultValueFactory = _ => 3, HelpName = "N" };
        keep.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int number) && number < 0)
                result.AddError("`--keep` is a number from 0 on");
        });
        var cache = new Option<bool>("--cache") { Description = "Empty the build cache of the engine too, whoever filled it" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would be removed" };
        var force = new Option<bool>("--force") { Description = "Do not ask" };
        var command = new Command("prune", "Remove old images that devloop built for this project, from the engine and the registry. What runs and what the config leads to now stays.") { keep, cache, dryRun, force };
        CommandHelp.WithExamples(command,
            "devloop prune --dry-run",
            "devloop prune --keep 1 --cache --force",
            "devloop prune --dry-run --output json | jq .freed_bytes");
        command.SetAction(async (parsed, _) =>
            await RunAsync(globals.Read(parsed), new Choice(parsed.GetValue(keep), parsed.GetValue(cache), parsed.GetValue(dryRun), parsed.GetValue(force))).ConfigureAwait(false));
        return command;
    }

    private sealed record Choice(int Keep, bool Cache, bool DryRun, bool Force);

    private static async Task<int> RunAsync(Settings settings, Choice choice)
    {
        using var interrupt = new Interrupt(settings.Consoles);
        var source = new ProjectSource(settings);
        if (source.LoadOrShow(settings) is not { } project)
            return ExitCode.Usage;
        await using DryRun run = await DryRun.StartAsync(settings, source, project, interrupt.Token).ConfigureAwait(false);
        if (run.Why is { } why)
        {
            Report.Show(settings, [why]);
            return ExitCode.Environment;
        }
        try
        {
            Parsed<IReadOnlyCollection<ImageDigest>> looked = await run.CurrentAsync(project, interrupt.Token).ConfigureAwait(false);
            if (!looked.TryGet(out IReadOnlyCollection<ImageDigest>? current))
            {
                Report.Show(settings, looked.Diagnostics);
                return looked.Diagnostics.Any(d => d.Code == DiagnosticCode.EngineUnreachable) ? ExitCode.Environment : ExitCode.BuildFailed;
            }
            Parsed<ClusterSetup> connected = project.Resources.All(r => r.Local is not null)
                ? new Parsed<ClusterSetup>(null, [])
                : await ClusterSetup.TryConnectAsync(settings, project.Config, interrupt.Token).ConfigureAwait(false);
            using ClusterSetup? cluster = connected.Value;
            return await PruneAsync(settings, choice, dry => new ImagePruning(project, run.Cleaning, run.Registries, cluster?.Cluster, clusterIsSilent: cluster is null && project.Resources.Any(r => r.Local is null))
                .RunAsync(current, choice.Keep, choice.Cache, dry, interrupt.Token)).ConfigureAwait(false);
        }
        catch (EngineUnreachableException e)
        {
            Report.Show(settings, [e.Diagnostic]);
            return ExitCode.Environment;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            settings.Consoles.Status("Stopped", "what was not removed yet is still there");
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> PruneAsync(Settings settings, Choice choice, Func<bool, Task<PruneReport>> run)
    {
        if (!choice.DryRun && !choice.Force && !settings.Json && Consoles.CanAsk)
        {
            PruneReport plan = await run(true).ConfigureAwait(false);
            PruneText.Tell(settings.Consoles, plan, dryRun: true, settings.Verbose);
            if (plan.FreedBytes == 0 && plan.Items.All(i => i.Kept is not null))
                return Ended(settings, plan);
            if (!settings.Consoles.Ask("Remove them?"))
                return ExitCode.Success;
        }
        PruneReport report = await run(choice.DryRun).ConfigureAwait(false);
        if (settings.Json)
            settings.Consoles.Write(settings.Consoles.Out, PruneText.Json(report, choice.DryRun).ToJsonString(JsonShapes.Indented) + "\n");
        else
            PruneText.Tell(settings.Consoles, report, choice.DryRun, settings.Verbose);
        return Ended(settings, report);
    }

    private static int Ended(Settings settings, PruneReport report)
    {
        if (!settings.Json)
            settings.Consoles.Diagnose(report.Failures);
        return report.Failures.IsEmpty ? ExitCode.Success : ExitCode.Environment;
    }
}
