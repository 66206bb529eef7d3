using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Cli.Reports;

/// <summary>
/// The images of a run, as other tools deploy them: by what the registry calls them. The digest that devloop goes by is that of the image's
/// config, which no registry answers to, so each is asked for its manifest.
/// </summary>
internal static class ArtifactList
{
    /// <summary>Throws <see cref="RegistryException"/> when a registry gives no answer.</summary>
    public static async Task<string> OfAsync(EngineState state, IRegistry registry, CancellationToken cancellationToken)
    {
        var images = new JsonArray();
        foreach (ImageName name in state.Project.Graph.BottomUp)
        {
            if (state.Images[name] is { Result: { } result, Failure: null } image)
                images.Add((JsonNode)await EntryAsync(state, state.Project.Image(name), image, result, registry, cancellationToken).ConfigureAwait(false));
        }
        return new JsonObject { ["version"] = 1, ["images"] = images }.ToJsonString(JsonShapes.Indented) + "\n";
    }

    private static async Task<JsonObject> EntryAsync(EngineState state, ImageDefinition definition, ImageState image, ImageResult result, IRegistry registry, CancellationToken cancellationToken)
    {
        ImageReference reference = definition.Target.Selector.Reference.WithTag(result.Tag.Value);
        RegistryImage? pushed = null;
        if (Sharing.IsPushed(image) && PlaceOf(state.Options, definition.Target.Selector.Reference, result.Tag) is { } place)
        {
            pushed = await registry.FindAsync(place, PlatformOf(definition.Target), cancellationToken).ConfigureAwait(false);
            reference = pushed is null ? place : place with { Tag = null, Digest = pushed.ManifestDigest };
        }
        return new JsonObject
        {
            ["image"] = definition.Name.Value,
            ["reference"] = reference.Familiar,
            ["tag"] = result.Tag.Value,
            ["digest"] = result.Digest.Value,
            ["manifest_digest"] = pushed?.ManifestDigest,
            ["key"] = result.Key.Value,
            ["pushed"] = pushed is not null,
            ["platforms"] = JsonShapes.List(definition.Target.Platforms.IsEmpty ? [PlatformOf(definition.Target)] : definition.Target.Platforms),
        };
    }

    /// <summary>Where a run has pushed an image; null when nowhere that a registry answers for.</summary>
    private static ImageReference? PlaceOf(RunOptions options, ImageReference image, ContentTag tag) =>
        options.Memory?.ImageAt(image, tag) ?? (options.Delivery as Delivery.Registry)?.PushReference(image, tag);

    private static string PlatformOf(ImageTarget target) =>
        target.Platform ?? target.Platforms.FirstOrDefault() ?? (System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "linux/arm64" : "linux/amd64");
}
