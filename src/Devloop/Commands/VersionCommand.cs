using System.CommandLine;
using System.Text.Json.Nodes;
using Devloop.Cli.Terminal;

namespace Devloop.Cli.Commands;

internal static class VersionCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var command = new Command("version", "Print the version");
        command.SetAction(parsed =>
        {
            Settings settings = globals.Read(parsed);
            string runtime = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription;
            settings.Consoles.Write(settings.Consoles.Out, settings.Json
                ? new JsonObject { ["version"] = VersionText.Version, ["runtime"] = runtime }.ToJsonString(JsonShapes.Indented) + "\n"
                : $"devloop {VersionText.Version} ({runtime})\n");
            return ExitCode.Success;
        });
        return command;
    }
}
