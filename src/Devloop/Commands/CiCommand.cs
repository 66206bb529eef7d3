using System.Collections.Immutable;
using System.CommandLine;
using Devloop.Cli.Reports;
using Devloop.Cli.Setup;
using Devloop.Diagnostics;
using Devloop.Engine;

namespace Devloop.Cli.Commands;

internal static class CiCommand
{
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(30);

    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to run, with what they depend on; when none is named, all that start by themselves");
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long everything may take, such as 90s or 10m; 30m when not given",
            HelpName = "TIME",
            CustomParser = result => TimeText.Parse(result),
        };
        var buildOnly = new Option<bool>("--build-only") { Description = "Build, and push with --push, but deploy nothing" };
        var push = new Option<bool>("--push") { Description = "Push every image to the registry, bases too" };
        var report = new Option<ReportFile[]>("--report")
        {
            Description = "Write what the run came to, also when it fails: `junit=FILE` or `json=FILE`; may be given several times",
            HelpName = "FORMAT=FILE",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ReportFile.Parse,
        };
        var artifacts = new Option<string?>("--artifacts") { Description = "Write the images as JSON, those that were pushed by the digest that the registry has them under", HelpName = "FILE" };
        var command = new Command("ci", "Once, for pipelines: build, deploy, wait until everything is healthy. Deploys only when every image was built.") { names, timeout, buildOnly, push, report, artifacts };
        CommandHelp.WithExamples(command,
            "devloop ci --timeout 5m",
            "devloop ci --report junit=devloop.xml --report json=devloop.json",
            "devloop ci --output json > events.ndjson",
            "devloop ci --build-only --push --artifacts images.json");
        CommandHelp.WithExitCodes(command);
        command.SetAction(async (parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            var reports = new CiReports(settings, [.. parsed.GetValue(report) ?? []], parsed.GetValue(artifacts), Environment.GetEnvironmentVariable);
            if (reports.Check() is { IsEmpty: false } troubles)
            {
                Report.Show(settings, troubles);
                return ExitCode.Usage;
            }
            (int code, EngineState? _) = await RunCommand.RunAsync(new RunRequest
            {
                Settings = settings with { Shown = reports.Recorder.Shown },
                Mode = parsed.GetValue(buildOnly) ? RunMode.BuildOnly : RunMode.Once,
                Names = [.. parsed.GetValue(names) ?? []],
                Push = parsed.GetValue(push),
                Shares = true,
                Timeout = parsed.GetValue(timeout) ?? UsualTimeout,
                Beside = reports.Recorder.Beside,
                Finish = reports.ListAsync,
            }).ConfigureAwait(false);
            return reports.Write(code);
        });
        return command;
    }
}
