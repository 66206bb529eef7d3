using System.CommandLine;

namespace Devloop.Cli.Commands;

/// <summary>All commands, in the order the help shows them.</summary>
internal static class CommandTree
{
    public static RootCommand Create()
    {
        var globals = new GlobalOptions();
        var root = new RootCommand("A development loop for Kubernetes: edit, and only the affected images are rebuilt, bottom-up, and redeployed.");
        // `devloop version` says it; one way is enough.
        foreach (Option version in root.Options.Where(o => o.Name == "--version").ToArray())
            root.Options.Remove(version);
        globals.AddTo(root);
        root.Subcommands.Add(UpCommand.Create(globals));
        root.Subcommands.Add(CiCommand.Create(globals));
        root.Subcommands.Add(BuildCommand.Create(globals));
        root.Subcommands.Add(DownCommand.Create(globals));
        root.Subcommands.Add(PlanCommand.Create(globals));
        root.Subcommands.Add(InputsCommand.Create(globals));
        root.Subcommands.Add(GraphCommand.Create(globals));
        root.Subcommands.Add(RenderCommand.Create(globals));
        root.Subcommands.Add(DockerfileCommand.Create(globals));
        root.Subcommands.Add(ConfigCommand.Create(globals));
        root.Subcommands.Add(StatusCommand.Create(globals));
        root.Subcommands.Add(LogsCommand.Create(globals));
        root.Subcommands.Add(ControlCommands.Trigger(globals));
        root.Subcommands.Add(ControlCommands.Pause(globals));
        root.Subcommands.Add(ControlCommands.Resume(globals));
        root.Subcommands.Add(ControlCommands.Enable(globals));
        root.Subcommands.Add(ControlCommands.Disable(globals));
        root.Subcommands.Add(StopCommand.Create(globals));
        root.Subcommands.Add(PruneCommand.Create(globals));
        root.Subcommands.Add(ExplainCommand.Create(globals));
        root.Subcommands.Add(VersionCommand.Create(globals));
        CommandHelp.AddTo(root);
        return root;
    }
}
