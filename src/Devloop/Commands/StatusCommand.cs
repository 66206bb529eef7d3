using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Adapters.Files.Runs;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;

namespace Devloop.Cli.Commands;

internal static class StatusCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var command = new Command("status", "Print how a running `up` stands: its images, its resources, and what each waits for.");
        CommandHelp.WithExamples(command,
            "devloop status",
            "devloop status --output json | jq -r '.resources[] | select(.status != \"ready\") | .resource'");
        command.SetAction((parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            return RunningUp.UseAsync(settings, async (up, cancellationToken) =>
            {
                JsonObject state = await up.StateAsync(cancellationToken).ConfigureAwait(false);
                settings.Consoles.Write(settings.Consoles.Out, settings.Json ? Json(state, up.Record) : StatusText.Of(state, Head(up.Record), settings.Consoles.OutPalette));
                return ExitCode.Success;
            });
        });
        return command;
    }

    private static string Head(RunRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"process {record.Pid}, for {DurationText.Of(TimeProvider.System.GetUtcNow() - record.Since)}{(record.HasPage ? $", dashboard {record.Address}" : "")}");

    private static string Json(JsonObject state, RunRecord record)
    {
        state["pid"] = record.Pid;
        state["since"] = record.Since.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        return state.ToJsonString(JsonShapes.Indented) + "\n";
    }
}
