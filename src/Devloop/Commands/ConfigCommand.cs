using System.CommandLine;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Cli.Commands;

internal static class ConfigCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var command = new Command("config", "Print the project as devloop understands it: images with their bases, resources with their objects, settings.");
        CommandHelp.WithExamples(command,
            "devloop config",
            "devloop config --output json | jq '.images[].name'");
        command.SetAction(parsed =>
        {
            Settings settings = globals.Read(parsed);
            if (new ProjectSource(settings).LoadOrShow(settings) is not { } project)
                return ExitCode.Usage;
            JsonObject shape = Of(project);
            settings.Consoles.Write(settings.Consoles.Out, settings.Json ? shape.ToJsonString(JsonShapes.Indented) + "\n" : ManifestWriter.Write([shape]));
            return ExitCode.Success;
        });
        return command;
    }

    private static JsonObject Of(ResolvedProject project) => new()
    {
        ["name"] = project.Config.Name,
        ["file"] = project.Config.ConfigFile,
        ["cluster"] = new JsonObject
        {
            ["context"] = project.Config.Cluster.Context,
            ["namespace"] = project.Config.Cluster.Namespace,
            ["allow_contexts"] = JsonShapes.List(project.Config.Cluster.AllowContexts),
        },
        ["registry"] = project.Config.Registry is { } registry ? new JsonObject { ["host"] = registry.Host, ["host_from_cluster"] = registry.HostFromCluster ?? registry.Host, ["insecure"] = registry.Insecure } : null,
        ["builder"] = Of(project.Config.Builder),
        ["images"] = new JsonArray([.. project.Images.Select(i => (JsonNode)Of(i))]),
        ["resources"] = new JsonArray([.. project.Resources.Select(r => (JsonNode)Of(r))]),
        ["settings"] = new JsonObject { ["max_parallel_builds"] = project.Config.Settings.MaxParallelBuilds, ["quiet_ms"] = project.Config.Settings.QuietMilliseconds },
    };

    private static JsonObject Of(BuilderSettings builder) => builder switch
    {
        BuilderSettings.BuildKit buildKit => new JsonObject { ["kind"] = "buildkit", ["address"] = buildKit.Address?.ToString(), ["tls"] = buildKit.Tls is not null },
        _ => new JsonObject { ["kind"] = "docker" },
    };

    private static JsonObject Of(ImageDefinition image) => new()
    {
        ["name"] = image.Name.Value,
        ["context"] = image.Target.Context,
        ["dockerfile"] = image.DockerfileName,
        ["target"] = image.Target.Target,
        ["platform"] = image.Target.Platforms.IsEmpty ? image.Target.Platform : string.Join(',', image.Target.Platforms),
        // Values of args may be secret: the names tell enough.
        ["args"] = JsonShapes.List(image.Target.Args.Keys),
        ["bases"] = new JsonArray([.. image.Bases.Select(b => (JsonNode)b.Value)]),
        ["external_bases"] = JsonShapes.List(image.ExternalBases),
        ["ignore"] = JsonShapes.List(image.Target.Ignore),
        ["only"] = JsonShapes.List(image.Target.Only),
    };

    private static JsonObject Of(ResourceDefinition resource) => new()
    {
        ["name"] = resource.Name.Value,
        ["images"] = new JsonArray([.. resource.Images.Select(i => (JsonNode)i.Value)]),
        ["objects"] = new JsonArray([.. resource.Objects.Select(o => (JsonNode)new JsonObject { ["api_version"] = o.ApiVersion, ["kind"] = o.Kind, ["name"] = o.Name, ["namespace"] = o.Namespace })]),
        ["depends_on"] = new JsonArray([.. resource.Settings.DependsOn.Select(d => (JsonNode)d.Value)]),
        ["port_forwards"] = new JsonArray([.. resource.Settings.PortForwards.Select(f => (JsonNode)f.ToString())]),
    };
}
