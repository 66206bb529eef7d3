using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;

namespace Devloop.Cli.Commands;

internal static class LogsCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("NAME", "Resources, with the builds of their images, or images; all when none is named");
        var follow = new Option<bool>("--follow") { Description = "Go on with what comes, until the run ends" };
        var tail = new Option<int?>("--tail") { Description = "Begin with the last N lines", HelpName = "N" };
        tail.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int number) && number < 0)
                result.AddError($"`{number}` is not a number of lines");
        });
        var since = new Option<TimeSpan?>("--since") { Description = "Begin with what came in this time, such as 30s or 5m", HelpName = "TIME", CustomParser = result => TimeText.Parse(result) };
        var build = new Option<bool>("--build") { Description = "Only what builds wrote" };
        var command = new Command("logs", "Print what builds and containers wrote since a running `up` began, as far as it remembers.") { names, follow, tail, since, build };
        CommandHelp.WithExamples(command,
            "devloop logs",
            "devloop logs api --follow --tail 20",
            "devloop logs api --build",
            "devloop logs --since 5m --output json | jq -r .text");
        command.SetAction((parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            var query = (parsed.GetValue(names) ?? []).Select(n => "name=" + Uri.EscapeDataString(n)).ToList();
            if (parsed.GetValue(follow))
                query.Add("follow=true");
            if (parsed.GetValue(build))
                query.Add("build=true");
            if (parsed.GetValue(tail) is { } lines)
                query.Add(string.Create(CultureInfo.InvariantCulture, $"tail={lines}"));
            if (parsed.GetValue(since) is { } time)
                query.Add(string.Create(CultureInfo.InvariantCulture, $"since={time.TotalSeconds:0.###}"));
            return RunningUp.UseAsync(settings, async (up, cancellationToken) =>
            {
                ControlAnswer answer = await up.LogsAsync(string.Join('&', query), line => Print(settings, line), cancellationToken).ConfigureAwait(false);
                return answer.Refused ? answer.Show(settings) : ExitCode.Success;
            });
        });
        return command;
    }

    private static void Print(Settings settings, JsonObject line)
    {
        Consoles consoles = settings.Consoles;
        string name = (string?)line["resource"] ?? (string?)line["image"] ?? "";
        consoles.Write(consoles.Out, settings.Json
            ? line.ToJsonString(JsonShapes.OneLine) + "\n"
            : $"{consoles.OutPalette.Name(name, name.PadLeft(12))} │ {(string?)line["text"]}\n");
    }
}
