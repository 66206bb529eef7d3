using System.CommandLine;
using Devloop.Cli.Terminal;

namespace Devloop.Cli.Commands;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<string> File { get; } = new("--file", "-f") { Description = "The config to read", DefaultValueFactory = _ => "devloop.yaml", HelpName = "FILE", Recursive = true };

    public Option<string?> Context { get; } = new("--kube-context") { Description = "The kubeconfig context to use", HelpName = "CONTEXT", Recursive = true };

    public Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = "The namespace of objects that name none", HelpName = "NAMESPACE", Recursive = true };

    public Option<string> Target { get; } = Choice("--target", "Where resources run", "kubernetes", "kubernetes", "docker");

    public Option<string> Output { get; } = Choice("--output", "Lines below which a terminal shows what runs, lines alone, or JSON for machines", "auto", OutputModes.Words);

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours, as with NO_COLOR", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Tell more: cached steps, the output of every build", Recursive = true };

    public void AddTo(Command root)
    {
        foreach (Option option in new Option[] { File, Context, Namespace, Target, Output, NoColor, Verbose })
            root.Options.Add(option);
    }

    public Settings Read(ParseResult parsed)
    {
        OutputMode output = OutputModes.Of(parsed.GetValue(Output)!, !Console.IsErrorRedirected, Environment.GetEnvironmentVariable);
        return Read(parsed, output);
    }

    private Settings Read(ParseResult parsed, OutputMode output) => new()
    {
        File = parsed.GetValue(File)!,
        Context = parsed.GetValue(Context),
        Namespace = parsed.GetValue(Namespace),
        Docker = parsed.GetValue(Target) == "docker",
        Json = output == OutputMode.Json,
        Verbose = parsed.GetValue(Verbose),
        Consoles = Consoles.OfProcess(parsed.GetValue(NoColor), live: output == OutputMode.Live),
    };

    private static Option<string> Choice(string name, string description, string otherwise, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => otherwise, Recursive = true };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}

/// <summary>The options as read.</summary>
internal sealed record Settings
{
    public required string File { get; init; }

    public string? Context { get; init; }

    public string? Namespace { get; init; }

    public bool Docker { get; init; }

    public bool Json { get; init; }

    public bool Verbose { get; init; }

    public required Consoles Consoles { get; init; }

    /// <summary>Hears of the problems that <see cref="Setup.Report"/> shows; null when nobody does.</summary>
    public Action<IReadOnlyCollection<Diagnostics.Diagnostic>>? Shown { get; init; }
}
