using System.CommandLine;
using System.Collections.Immutable;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;

namespace Devloop.Cli.Commands;

internal static class DockerfileCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var name = new Argument<string>("IMAGE") { Description = "The image" };
        var noBuild = new Option<bool>("--no-build") { Description = "Leave the names of bases as they are written instead of building them" };
        var command = new Command("dockerfile", "Print an image's Dockerfile as it would be built: the content tags of its bases in its FROM lines. Builds the bases first.") { name, noBuild };
        CommandHelp.WithExamples(command,
            "devloop dockerfile api",
            "devloop dockerfile api | diff services/api/Dockerfile -");
        command.SetAction(async (parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            if (new ProjectSource(settings).LoadOrShow(settings) is not { } project)
                return ExitCode.Usage;
            var image = new ImageName(parsed.GetValue(name)!);
            if (Selection.OfImages(project, [image.Value]) is { Value: null } unknown)
            {
                Report.Show(settings, unknown.Diagnostics);
                return ExitCode.Usage;
            }
            ImmutableArray<ImageName> bases = project.Image(image).Bases;
            var digests = ImmutableDictionary<ImageName, ImageDigest>.Empty;
            if (!bases.IsEmpty && !parsed.GetValue(noBuild))
            {
                (int code, EngineState? state) = await RunCommand.RunAsync(new RunRequest
                {
                    Settings = settings,
                    Mode = RunMode.BuildOnly,
                    Names = [.. bases.Select(b => b.Value)],
                    Face = new PlainFace(settings.Consoles, settings.Verbose, _ => []),
                }).ConfigureAwait(false);
                if (code != ExitCode.Success)
                    return code;
                digests = bases.ToImmutableDictionary(b => b, b => state!.Images[b].Result!.Digest);
            }
            settings.Consoles.Write(settings.Consoles.Out, BuildOrders.Pin(project.Image(image), digests, ImagePlace.Of(project.Config)).Text);
            return ExitCode.Success;
        });
        return command;
    }
}
