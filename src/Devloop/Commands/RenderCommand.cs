using System.CommandLine;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;

namespace Devloop.Cli.Commands;

internal static class RenderCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("RESOURCE", "Resources to render; all when none is named");
        var noBuild = new Option<bool>("--no-build") { Description = "Leave the image references as they are written instead of building" };
        var push = new Option<bool>("--push") { Description = "Push the images to the registry, and render what it calls them" };
        var command = new Command("render", "Print the manifests with the images' content tags in them, as they would be applied. Builds first.") { names, noBuild, push };
        CommandHelp.WithExamples(command,
            "devloop render > deploy.yaml",
            "devloop render api --push",
            "devloop render --no-build");
        command.SetAction(async (parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            if (new ProjectSource(settings).LoadOrShow(settings) is not { } whole)
                return ExitCode.Usage;
            var chosen = Selection.OfResources(whole, [.. parsed.GetValue(names) ?? []]);
            if (!chosen.TryGet(out ResolvedProject? project))
            {
                Report.Show(settings, chosen.Diagnostics);
                return ExitCode.Usage;
            }
            var digests = ImmutableDictionary<ImageName, ImageDigest>.Empty;
            Delivery? delivery = null;
            if (!parsed.GetValue(noBuild) && !project.Images.IsEmpty)
            {
                (int code, EngineState? state) = await RunCommand.RunAsync(new RunRequest
                {
                    Settings = settings,
                    Mode = RunMode.BuildOnly,
                    Names = [.. project.Images.Select(i => i.Name.Value)],
                    Push = parsed.GetValue(push),
                    Face = new PlainFace(settings.Consoles, settings.Verbose, _ => []),
                }).ConfigureAwait(false);
                if (code != ExitCode.Success)
                    return code;
                digests = state!.Images.ToImmutableDictionary(i => i.Key, i => i.Value.Result!.Digest);
                delivery = Delivery.Of(project.Config.Registry);
            }
            IEnumerable<JsonObject> objects = project.Resources.SelectMany(r => r.Objects.Select(o => Rendering.Injected(o, r, digests, delivery)));
            settings.Consoles.Write(settings.Consoles.Out, settings.Json
                ? new JsonArray([.. objects.Select(o => (JsonNode)o)]).ToJsonString(JsonShapes.Indented) + "\n"
                : ManifestWriter.Write(objects));
            return ExitCode.Success;
        });
        return command;
    }
}
