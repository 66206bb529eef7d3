using System.CommandLine;
using System.CommandLine.Parsing;
using Devloop.Cli.Terminal;
using Devloop.Text;

namespace Devloop.Cli.Commands;

/// <summary>Says what is wrong with a command line, with the nearest command or option.</summary>
internal static class UsageError
{
    public static int Report(ParseResult parsed, Consoles consoles)
    {
        Command command = parsed.CommandResult.Command;
        string[] unknown = [.. parsed.UnmatchedTokens];
        Palette palette = consoles.ErrorPalette;
        if (unknown.Length > 0)
        {
            foreach (string word in unknown.Take(1))
                consoles.Write(consoles.Error, Unknown(word, command, palette));
        }
        else
        {
            foreach (ParseError error in parsed.Errors)
                consoles.Write(consoles.Error, $"{palette.Bad("error")}: {Sentence(error.Message)}\n");
        }
        consoles.Write(consoles.Error, $"  {palette.Place("=")} help: `{PathOf(command)} --help` tells what it takes\n");
        return ExitCode.Usage;
    }

    private static string Unknown(string word, Command command, Palette palette)
    {
        bool option = word.StartsWith('-');
        IEnumerable<string> known = option
            ? Options(command).SelectMany(o => o.Aliases.Prepend(o.Name))
            : command.Subcommands.Select(c => c.Name);
        string what = option ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        string near = NearestName.Of(word, known) is { } name ? $"  {palette.Place("=")} help: {(option ? "an option" : "a command")} with a similar name exists: `{name}`\n" : "";
        return $"{palette.Bad("error")}{palette.Strong($": unknown {what} `{word}`")}\n{near}";
    }

    public static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive)));

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is null ? "devloop" : $"devloop {command.Name}";

    /// <summary>In our form: lower case, no full stop.</summary>
    private static string Sentence(string message)
    {
        if (message.Length == 0)
            return message;
        // The library's own word for a value that is not among the choices goes over several lines.
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length > 1 && lines[0].StartsWith("Argument '", StringComparison.Ordinal))
            return $"`{lines[0].Split('\'')[1]}` is not one of {string.Join(", ", lines.Skip(1).Select(l => l.Replace('\'', '`')))}";
        return char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.').Replace('\'', '`');
    }
}
