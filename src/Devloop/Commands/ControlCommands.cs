using System.CommandLine;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;

namespace Devloop.Cli.Commands;

/// <summary>The commands that tell a running `up` what to do: `trigger`, `pause`, `resume`, `enable`, `disable`.</summary>
internal static class ControlCommands
{
    public static Command Trigger(GlobalOptions globals)
    {
        var names = AtLeastOne(NamesArgument.Of("NAME", "Images to build again, resources to deploy again"));
        var noCache = new Option<bool>("--no-cache") { Description = "Run every step of the images, and of those that the resources run" };
        var command = new Command("trigger", "Ask a running `up` to build images again, or to deploy resources again. Nothing is deleted first.") { names, noCache };
        CommandHelp.WithExamples(command,
            "devloop trigger api             look at its images, and apply its objects again",
            "devloop trigger base --no-cache run every step of an image");
        command.SetAction((parsed, _) => ChangeAsync(globals.Read(parsed), "trigger", new JsonObject
        {
            ["names"] = JsonShapes.List(parsed.GetValue(names)!),
            ["no_cache"] = parsed.GetValue(noCache),
        }, "Triggered", answer => string.Join(", ", answer.Images.Union(answer.Resources))));
        return command;
    }

    public static Command Pause(GlobalOptions globals)
    {
        var command = new Command("pause", "Let a running `up` begin nothing new. What runs ends; edits are remembered.");
        CommandHelp.WithExamples(command, "devloop pause && git rebase main; devloop resume");
        command.SetAction((parsed, _) => ChangeAsync(globals.Read(parsed), "pause", [], "Paused", _ => "`devloop resume` goes on"));
        return command;
    }

    public static Command Resume(GlobalOptions globals)
    {
        var command = new Command("resume", "Let a paused `up` go on, with all that changed meanwhile.");
        CommandHelp.WithExamples(command, "devloop resume");
        command.SetAction((parsed, _) => ChangeAsync(globals.Read(parsed), "resume", [], "Resumed", _ => ""));
        return command;
    }

    public static Command Enable(GlobalOptions globals)
    {
        var names = AtLeastOne(NamesArgument.Of("RESOURCE", "Resources to deploy, now and as they change"));
        var command = new Command("enable", "Let a running `up` deploy resources that were disabled, or that do not start by themselves.") { names };
        CommandHelp.WithExamples(command, "devloop enable worker");
        command.SetAction((parsed, _) => ChangeAsync(globals.Read(parsed), "enable", new JsonObject { ["names"] = JsonShapes.List(parsed.GetValue(names)!) }, "Enabled", answer => string.Join(", ", answer.Resources)));
        return command;
    }

    public static Command Disable(GlobalOptions globals)
    {
        var names = AtLeastOne(NamesArgument.Of("RESOURCE", "Resources to take out of the cluster"));
        var command = new Command("disable", "Let a running `up` delete the objects of resources, as `down` does, and leave them alone until they are enabled.") { names };
        CommandHelp.WithExamples(command, "devloop disable worker");
        command.SetAction((parsed, _) => ChangeAsync(globals.Read(parsed), "disable", new JsonObject { ["names"] = JsonShapes.List(parsed.GetValue(names)!) }, "Disabled", answer => string.Join(", ", answer.Resources)));
        return command;
    }

    private static Argument<string[]> AtLeastOne(Argument<string[]> names)
    {
        names.Arity = ArgumentArity.OneOrMore;
        return names;
    }

    private static Task<int> ChangeAsync(Settings settings, string change, JsonObject request, string verb, Func<ControlAnswer, string> what) =>
        RunningUp.UseAsync(settings, async (up, cancellationToken) =>
        {
            ControlAnswer answer = await up.ChangeAsync(change, request, cancellationToken).ConfigureAwait(false);
            if (answer is { Refused: false, Diagnostics.IsEmpty: true })
                settings.Consoles.Status(verb, what(answer));
            return answer.Show(settings);
        });
}
