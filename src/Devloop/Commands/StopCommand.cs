using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;

namespace Devloop.Cli.Commands;

internal static class StopCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var down = new Option<bool>("--down") { Description = "Delete what was deployed" };
        var command = new Command("stop", "Stop a running `up`, as Ctrl-C does, and wait until it has ended. What was deployed stays.") { down };
        CommandHelp.WithExamples(command,
            "devloop stop",
            "devloop stop --down   and delete what was deployed");
        command.SetAction((parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            return RunningUp.UseAsync(settings, async (up, cancellationToken) =>
            {
                ControlAnswer answer = await up.ChangeAsync("stop", new JsonObject { ["down"] = parsed.GetValue(down) }, cancellationToken).ConfigureAwait(false);
                await EndAsync(up, cancellationToken).ConfigureAwait(false);
                settings.Consoles.Status("Stopped", string.Create(CultureInfo.InvariantCulture, $"process {up.Record.Pid}"));
                return answer.Show(settings);
            });
        });
        return command;
    }

    private static async Task EndAsync(RunningUp up, CancellationToken cancellationToken)
    {
        try
        {
            using Process process = Process.GetProcessById(up.Record.Pid);
            // Looked at once more with the process at hand: its number may be another's by now.
            if (up.Record.IsAlive)
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
        }
    }
}
