using System.Collections.Immutable;
using System.CommandLine;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;
using Devloop.Session;

namespace Devloop.Cli.Commands;

internal static class DownCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to delete; all when none is named");
        var namespaces = new Option<bool>("--delete-namespaces") { Description = "Delete the namespaces of the manifests too" };
        var command = new Command("down", "Delete what was deployed, in reverse order. What is gone already is fine; namespaces stay unless asked for.") { names, namespaces };
        CommandHelp.WithExamples(command,
            "devloop down",
            "devloop down --delete-namespaces");
        command.SetAction(async (parsed, _) => await RunAsync(globals.Read(parsed), parsed.GetValue(namespaces), parsed.GetValue(names) ?? []).ConfigureAwait(false));
        return command;
    }

    public static async Task<int> RunAsync(Settings settings, bool deleteNamespaces, params string[] names)
    {
        using var interrupt = new Interrupt(settings.Consoles);
        if (new ProjectSource(settings).LoadOrShow(settings) is not { } whole)
            return ExitCode.Usage;
        // Only what is named: what it depends on may serve others.
        ResolvedProject project = names.Length == 0 ? whole : whole.With([], [.. whole.Resources.Where(r => names.Contains(r.Name.Value))]);
        if (names.Length > 0 && Selection.OfResources(whole, [.. names]) is { Value: null } unknown)
        {
            Report.Show(settings, unknown.Diagnostics);
            return ExitCode.Usage;
        }
        await using var teardown = new Teardown(settings, project, [.. project.Resources]);
        ImmutableArray<Diagnostic> failed = await teardown.BeforeClusterAsync(interrupt.Token).ConfigureAwait(false);
        // Local commands alone need no cluster; a config without anything may have left something there.
        bool inCluster = project.Resources.IsEmpty || project.Resources.Any(r => r.Local is null);
        int code = inCluster ? await RemoveAsync(settings, project, deleteNamespaces, interrupt).ConfigureAwait(false) : ExitCode.Success;
        if (!interrupt.Token.IsCancellationRequested)
            failed = [.. failed, .. await teardown.AfterClusterAsync(interrupt.Token).ConfigureAwait(false)];
        if (!failed.IsEmpty)
            Report.Show(settings, failed);
        return code != ExitCode.Success ? code
            : interrupt.Token.IsCancellationRequested ? ExitCode.Interrupted
            : failed.IsEmpty ? ExitCode.Success : ExitCode.DeployFailed;
    }

    private static async Task<int> RemoveAsync(Settings settings, ResolvedProject project, bool deleteNamespaces, Interrupt interrupt)
    {
        if (await ClusterSetup.ConnectAsync(settings, project.Config, interrupt.Token).ConfigureAwait(false) is not { } cluster)
            return ExitCode.Environment;
        using (cluster)
        {
            try
            {
                int deleted = 0;
                var face = new PlainFace(settings.Consoles, settings.Verbose, _ => []);
                using var record = new RecordKeeper(cluster.Cluster, RecordPlace.Of(project.Config, cluster.DefaultNamespace), project.Config.Name, cluster.DefaultNamespace, face.Tell);
                var departures = new Departures(cluster.Cluster, cluster.DefaultNamespace, TimeProvider.System, face.Tell);
                var removal = new ResourceRemoval(cluster.Cluster, record, departures, cluster.DefaultNamespace, (reference, outcome) =>
                {
                    deleted += outcome == RemovalOutcome.Deleted ? 1 : 0;
                    Tell(settings, reference.ToString(), outcome);
                });
                ImmutableArray<Diagnostic> failures = await removal.RemoveAsync(project, deleteNamespaces, interrupt.Token).ConfigureAwait(false);
                if (!failures.IsEmpty)
                    return Fail(settings, failures);
                settings.Consoles.Status("Finished", deleted == 0 ? "nothing to do: nothing of this project is in the cluster" : $"{Count.Of(deleted, "object")} deleted");
                return ExitCode.Success;
            }
            catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
            {
                settings.Consoles.Status("Stopped", "what was not named above is still there");
                return ExitCode.Interrupted;
            }
        }
    }

    private static int Fail(Settings settings, IReadOnlyCollection<Diagnostic> failures)
    {
        Report.Show(settings, failures);
        return failures.Any(f => f.Code == DiagnosticCode.ClusterUnreachable) ? ExitCode.Environment : ExitCode.DeployFailed;
    }

    private static void Tell(Settings settings, string what, RemovalOutcome outcome)
    {
        (string verb, string note) = outcome switch
        {
            RemovalOutcome.Deleted => ("Deleted", ""),
            RemovalOutcome.Absent => ("Absent", "was not there"),
            RemovalOutcome.Kept => ("Kept", "its annotation `devloop.dev/down-policy` says so"),
            RemovalOutcome.OfAnother => ("Kept", "devloop did not deploy it for this project"),
            _ => ("Kept", "`--delete-namespaces` deletes it"),
        };
        settings.Consoles.Status(verb, $"{what}  {settings.Consoles.ErrorPalette.Dim(note)}");
    }
}
