using System.CommandLine;
using Devloop.Engine;

namespace Devloop.Cli.Commands;

internal static class CiCommand
{
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(30);

    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to run, with what they depend on; all when none is named");
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long everything may take, such as 90s or 10m; 30m when not given",
            HelpName = "TIME",
            CustomParser = result => TimeText.Parse(result),
        };
        var buildOnly = new Option<bool>("--build-only") { Description = "Build, and push with --push, but deploy nothing" };
        var push = new Option<bool>("--push") { Description = "Push every image to the registry, bases too" };
        var command = new Command("ci", "Once, for pipelines: build, deploy, wait until everything is healthy. Deploys only when every image was built.") { names, timeout, buildOnly, push };
        CommandHelp.WithExamples(command,
            "devloop ci --timeout 5m",
            "devloop ci --output json > events.ndjson",
            "devloop ci --build-only --push");
        CommandHelp.WithExitCodes(command);
        command.SetAction(async (parsed, _) =>
        {
            (int code, EngineState? _) = await RunCommand.RunAsync(new RunRequest
            {
                Settings = globals.Read(parsed),
                Mode = parsed.GetValue(buildOnly) ? RunMode.BuildOnly : RunMode.Once,
                Names = [.. parsed.GetValue(names) ?? []],
                Push = parsed.GetValue(push),
                Shares = true,
                Timeout = parsed.GetValue(timeout) ?? UsualTimeout,
            }).ConfigureAwait(false);
            return code;
        });
        return command;
    }
}
