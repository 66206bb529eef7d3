using System.CommandLine;
using Devloop.Cli.Setup;
using Devloop.Engine;
using Devloop.Web;

namespace Devloop.Cli.Commands;

internal static class UpCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to run, with what they depend on; all when none is named");
        var noWeb = new Option<bool>("--no-web") { Description = "No dashboard" };
        var port = new Option<int>("--port")
        {
            Description = "Where the dashboard listens on loopback; 0 is any free port, and the next free one is taken when it is busy",
            HelpName = "PORT",
            DefaultValueFactory = _ => DashboardOptions.UsualPort,
        };
        port.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int number) && number is < 0 or > 65535)
                result.AddError($"`{number}` is not a port; ports are from 0 to 65535");
        });
        var down = new Option<bool>("--down-on-exit") { Description = "Delete what was deployed when stopped" };
        var command = new Command("up", "Build, deploy, watch the files, forward ports and stream logs until stopped. Ctrl-C stops; what was deployed stays.") { names, noWeb, port, down };
        CommandHelp.WithExamples(command,
            "devloop up                 everything in the config",
            "devloop up api worker      two resources and what they need",
            "devloop up --output json   one JSON object a line, for tools");
        command.SetAction(async (parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            var control = new UpControl();
            (int code, EngineState? state) = await RunCommand.RunAsync(new RunRequest
            {
                Settings = settings,
                Mode = RunMode.Up,
                Names = [.. parsed.GetValue(names) ?? []],
                Shares = true,
                Control = control,
                DashboardPort = parsed.GetValue(noWeb) ? null : parsed.GetValue(port),
            }).ConfigureAwait(false);
            if (state is not null && (parsed.GetValue(down) || control.DownAsked))
                await DownCommand.RunAsync(settings, deleteNamespaces: false, [.. parsed.GetValue(names) is { Length: > 0 } ? state.Project.Resources.Select(r => r.Name.Value) : []]).ConfigureAwait(false);
            return code;
        });
        return command;
    }
}
