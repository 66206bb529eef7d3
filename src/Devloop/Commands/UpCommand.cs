using System.CommandLine;
using Devloop.Engine;

namespace Devloop.Cli.Commands;

internal static class UpCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to run, with what they depend on; all when none is named");
        var down = new Option<bool>("--down-on-exit") { Description = "Delete what was deployed when stopped" };
        var command = new Command("up", "Build, deploy, watch the files, forward ports and stream logs until stopped. Ctrl-C stops; what was deployed stays.") { names, down };
        CommandHelp.WithExamples(command,
            "devloop up                 everything in the config",
            "devloop up api worker      two resources and what they need",
            "devloop up --output json   one JSON object a line, for tools");
        command.SetAction(async (parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            (int code, EngineState? state) = await RunCommand.RunAsync(new RunRequest
            {
                Settings = settings,
                Mode = RunMode.Up,
                Names = [.. parsed.GetValue(names) ?? []],
            }).ConfigureAwait(false);
            if (state is not null && parsed.GetValue(down))
                await DownCommand.RunAsync(settings, deleteNamespaces: false).ConfigureAwait(false);
            return code;
        });
        return command;
    }
}
