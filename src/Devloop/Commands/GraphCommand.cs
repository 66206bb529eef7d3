using System.CommandLine;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Planning;

namespace Devloop.Cli.Commands;

internal static class GraphCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var format = new Option<string?>("--format") { Description = "tree, dot, mermaid or json; a tree on a terminal, tab-separated edges on a pipe", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("tree", "dot", "mermaid", "json", "edges");
        var command = new Command("graph", "Print which image is built on which, and which resource runs it.") { format };
        CommandHelp.WithExamples(command,
            "devloop graph",
            "devloop graph --format dot | dot -Tsvg > graph.svg");
        command.SetAction(parsed =>
        {
            Settings settings = globals.Read(parsed);
            if (new ProjectSource(settings).LoadOrShow(settings) is not { } project)
                return ExitCode.Usage;
            string chosen = parsed.GetValue(format) ?? (settings.Json ? "json" : Console.IsOutputRedirected ? "edges" : "tree");
            ProjectGraph graph = ProjectGraph.Of(project);
            settings.Consoles.Write(settings.Consoles.Out, chosen switch
            {
                "tree" => GraphText.Tree(project, settings.Consoles.OutPalette),
                "dot" => GraphText.Dot(graph),
                "mermaid" => GraphText.Mermaid(graph),
                "json" => GraphText.Json(graph),
                _ => GraphText.Edges(graph),
            });
            return ExitCode.Success;
        });
        return command;
    }
}
