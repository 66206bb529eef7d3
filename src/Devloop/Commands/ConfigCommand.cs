using System.CommandLine;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
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
            Parsed<ResolvedProject> loaded = new ProjectSource(settings).Load();
            if (!loaded.TryGet(out ResolvedProject? project))
            {
                Report.Show(settings, loaded.Diagnostics);
                return ExitCode.Usage;
            }
            // What was understood is the question here, so what looks like a mistake is part of the answer.
            settings.Consoles.Diagnose(loaded.Diagnostics);
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
        ["resources"] = new JsonArray([.. project.Resources.Where(r => r.Local is null).Select(r => (JsonNode)Of(r))]),
        ["local"] = new JsonArray([.. project.Config.Locals.Select(l => (JsonNode)Of(l))]),
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
        ["live_update"] = Of(image.Target.LiveUpdate),
    };

    private static JsonObject? Of(LiveUpdate? live)
    {
        if (live is null)
            return null;
        var shape = new JsonObject
        {
            ["mode"] = live is LiveUpdate.Inferred ? "auto" : "steps",
            ["image"] = live.Image switch { LiveImagePolicy.OnRestart => "on_restart", LiveImagePolicy.Never => "never", _ => "background" },
            ["restart"] = live.Restart switch { RestartPolicy.Always => "always", RestartPolicy.Never => "never", _ => "auto" },
        };
        if (live is not LiveUpdate.Declared steps)
            return shape;
        shape["initial_sync"] = steps.InitialSync;
        shape["fall_back_on"] = JsonShapes.List(steps.FallBackOn.Select(f => f.Path));
        shape["sync"] = new JsonArray([.. steps.Syncs.Select(s => (JsonNode)new JsonObject { ["from"] = s.From, ["to"] = s.To })]);
        shape["run"] = new JsonArray([.. steps.Runs.Select(r => (JsonNode)new JsonObject { ["command"] = Of(r.Command), ["on"] = JsonShapes.List(r.On) })]);
        return shape;
    }

    private static JsonObject Of(ResourceDefinition resource) => new()
    {
        ["name"] = resource.Name.Value,
        ["images"] = new JsonArray([.. resource.Images.Select(i => (JsonNode)i.Value)]),
        ["objects"] = new JsonArray([.. resource.Objects.Select(o => (JsonNode)new JsonObject { ["api_version"] = o.ApiVersion, ["kind"] = o.Kind, ["name"] = o.Name, ["namespace"] = o.Namespace })]),
        ["depends_on"] = new JsonArray([.. resource.Settings.DependsOn.Select(d => (JsonNode)d.Value)]),
        ["port_forwards"] = new JsonArray([.. resource.Settings.PortForwards.Select(f => (JsonNode)f.ToString())]),
    };

    private static JsonObject Of(LocalCommand local) => new()
    {
        ["name"] = local.Name.Value,
        ["command"] = Of(local.Command),
        ["serve"] = Of(local.Serve),
        ["teardown"] = Of(local.Teardown),
        ["dir"] = local.Directory,
        ["serve_dir"] = local.ServeDirectory,
        ["deps"] = JsonShapes.List(local.Deps),
        ["ignore"] = JsonShapes.List(local.Ignore),
        ["produces"] = JsonShapes.List(local.Produces),
        // Values may be secret: the names tell enough.
        ["env"] = JsonShapes.List(local.Environment.Keys),
        ["serve_env"] = JsonShapes.List(local.ServeEnvironment.Keys),
        ["depends_on"] = JsonShapes.List(local.Settings.DependsOn.Select(d => d.Value)),
        ["readiness"] = local.Readiness?.Check switch { ReadinessCheck.Exec => "exec", ReadinessCheck.Http => "http", ReadinessCheck.Tcp => "tcp", _ => null },
    };

    /// <summary>A text for a shell, or a list of words.</summary>
    private static JsonNode? Of(CommandWords? command) => command is null ? null : command.Shell ? command.Words[0] : JsonShapes.List(command.Words);
}
