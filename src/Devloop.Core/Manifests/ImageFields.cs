using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Manifests;

public enum ImageFieldKind
{
    /// <summary><c>image</c> of a container.</summary>
    Container,

    /// <summary><c>image.reference</c> of a volume.</summary>
    Volume,

    /// <summary>A field that the config declares for a custom kind.</summary>
    Declared,

    /// <summary>The value of an environment variable; it counts only for images that ask for it.</summary>
    Environment,
}

/// <summary>A field that names an image, or may do so.</summary>
/// <param name="Path">Such as <c>spec.template.spec.containers[0].image</c>.</param>
/// <param name="Node">The text in the object's JSON.</param>
/// <param name="Holder">The mapping that has the field: the container, for declared fields whatever holds it.</param>
public sealed record ImageField(ImageFieldKind Kind, string Path, string Text, JsonValue Node, JsonObject? Holder)
{
    /// <summary>How the holder keeps the parts of the reference apart; null where the field has all of it.</summary>
    public ImageObjectRule? Parts { get; init; }

    public ImageReference? Reference => ImageReference.TryParse(Text, out ImageReference? reference) ? reference : null;
}

/// <summary>
/// Finds image fields at any depth: containers, initContainers and ephemeralContainers wherever a list of mappings has that name, so
/// pod templates inside custom resources count too; image volumes; environment values; and declared paths of custom kinds.
/// </summary>
public static class ImageFields
{
    public static ImmutableArray<ImageField> Of(JsonObject json, IEnumerable<KindRule>? kinds = null)
    {
        var fields = ImmutableArray.CreateBuilder<ImageField>();
        Walk(json, fields);
        string? kind = JsonFields.Text(json, "kind");
        string? apiVersion = JsonFields.Text(json, "apiVersion");
        foreach (KindRule rule in (kinds ?? []).Where(k => k.Kind == kind && (k.ApiVersion is null || k.ApiVersion == apiVersion)))
        {
            foreach (JsonValue node in rule.ImagePaths.Select(JsonPath.TryParse).OfType<JsonPath>().SelectMany(p => p.Select(json)).OfType<JsonValue>())
            {
                if (JsonFields.Text(node) is { } text && fields.All(f => f.Node != node))
                    fields.Add(new ImageField(ImageFieldKind.Declared, PathOf(node), text, node, node.Parent as JsonObject));
            }
            foreach (ImageObjectRule parts in rule.ImageObjects)
            {
                foreach (JsonObject holder in JsonPath.TryParse(parts.Path)?.Select(json).OfType<JsonObject>() ?? [])
                {
                    if (ImageParts.TextOf(holder, parts) is { } text && holder[parts.Repository] is JsonValue node && fields.All(f => f.Node != node))
                        fields.Add(new ImageField(ImageFieldKind.Declared, PathOf(node), text, node, holder) { Parts = parts });
                }
            }
        }
        return fields.ToImmutable();
    }

    private static void Walk(JsonNode node, ImmutableArray<ImageField>.Builder fields)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode item in list.OfType<JsonNode>())
                Walk(item, fields);
        }
        if (node is not JsonObject map)
            return;
        foreach ((string key, JsonNode? value) in map)
        {
            if (value is null)
                continue;
            if (value is JsonArray items && key is "containers" or "initContainers" or "ephemeralContainers")
            {
                foreach (JsonObject container in items.OfType<JsonObject>())
                    Container(container, fields);
            }
            else if (value is JsonArray volumes && key == "volumes")
            {
                foreach (JsonObject volume in volumes.OfType<JsonObject>())
                    Add(ImageFieldKind.Volume, JsonFields.Map(volume, "image")?["reference"], volume, fields);
            }
            Walk(value, fields);
        }
    }

    private static void Container(JsonObject container, ImmutableArray<ImageField>.Builder fields)
    {
        if (JsonFields.Text(container, "image") is null)
            return;
        Add(ImageFieldKind.Container, container["image"], container, fields);
        foreach (JsonObject variable in (container["env"] as JsonArray)?.OfType<JsonObject>() ?? [])
            Add(ImageFieldKind.Environment, variable["value"], container, fields);
    }

    private static void Add(ImageFieldKind kind, JsonNode? node, JsonObject holder, ImmutableArray<ImageField>.Builder fields)
    {
        if (JsonFields.Text(node) is { Length: > 0 } text)
            fields.Add(new ImageField(kind, PathOf(node!), text, (JsonValue)node!, holder));
    }

    private static string PathOf(JsonNode node) => node.GetPath() is ['$', '.', .. var path] ? path : node.GetPath();
}
