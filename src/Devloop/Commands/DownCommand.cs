using System.Collections.Immutable;
using System.CommandLine;
using Devloop.Cli.Setup;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
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
        if (new ProjectSource(settings).LoadOrShow(settings) is not { } project)
            return ExitCode.Usage;
        ResourceDefinition[] resources = [.. project.Resources.Where(r => names.Length == 0 || names.Contains(r.Name.Value))];
        if (names.Length > 0 && Selection.OfResources(project, [.. names]) is { Value: null } unknown)
        {
            Report.Show(settings, unknown.Diagnostics);
            return ExitCode.Usage;
        }
        await using var teardown = new Teardown(settings, project, resources);
        ImmutableArray<Diagnostic> failed = await teardown.BeforeClusterAsync(interrupt.Token).ConfigureAwait(false);
        int code = resources.Any(r => r.Local is null) ? await RemoveAsync(settings, project, resources, deleteNamespaces, interrupt).ConfigureAwait(false) : ExitCode.Success;
        if (!interrupt.Token.IsCancellationRequested)
            failed = [.. failed, .. await teardown.AfterClusterAsync(interrupt.Token).ConfigureAwait(false)];
        if (!failed.IsEmpty)
            Report.Show(settings, failed);
        return code != ExitCode.Success ? code
            : interrupt.Token.IsCancellationRequested ? ExitCode.Interrupted
            : failed.IsEmpty ? ExitCode.Success : ExitCode.DeployFailed;
    }

    private static async Task<int> RemoveAsync(Settings settings, ResolvedProject project, ResourceDefinition[] resources, bool deleteNamespaces, Interrupt interrupt)
    {
        if (await ClusterSetup.ConnectAsync(settings, project.Config, interrupt.Token).ConfigureAwait(false) is not { } cluster)
            return ExitCode.Environment;
        using (cluster)
        {
            try
            {
                var removal = new ResourceRemoval(cluster.Cluster, cluster.DefaultNamespace, (reference, outcome) => Tell(settings, reference.ToString(), outcome));
                return await removal.RemoveAsync(resources, deleteNamespaces, interrupt.Token).ConfigureAwait(false) is { } failures && failures.Length > 0
                    ? Fail(settings, failures)
                    : ExitCode.Success;
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
            _ => ("Kept", "`--delete-namespaces` deletes it"),
        };
        settings.Consoles.Status(verb, $"{what}  {settings.Consoles.ErrorPalette.Dim(note)}");
    }
}
