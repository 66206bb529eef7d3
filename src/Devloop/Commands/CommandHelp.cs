using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Devloop.Cli.Commands;

/// <summary>Adds to a command's own help what has no place in the list of commands: examples, exit codes.</summary>
internal sealed class CommandHelp(HelpAction usual, IReadOnlyDictionary<Command, string> more) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string> Texts = [];

    /// <summary>Who asks what a command takes need not give it.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>Says what to print below a command's help.</summary>
    public static Command WithExamples(Command command, params string[] examples)
    {
        Texts[command] = (Texts.GetValueOrDefault(command) ?? "") + "Examples:\n" + string.Concat(examples.Select(e => $"  {e}\n"));
        return command;
    }

    public static Command WithExitCodes(Command command)
    {
        Texts[command] = (Texts.TryGetValue(command, out string? before) ? before + "\n" : "") + ExitCode.Table + "\n";
        return command;
    }

    public static void AddTo(RootCommand root)
    {
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is HelpAction usual)
                option.Action = new CommandHelp(usual, Texts);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        if (more.TryGetValue(parseResult.CommandResult.Command, out string? text))
            parseResult.InvocationConfiguration.Output.Write(text);
        return code;
    }
}
