using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Manifests;

/// <param name="Json">A copy of the object with references replaced.</param>
/// <param name="Matched">The images of the project that the object names, sorted; also those for which no reference was given.</param>
public sealed record InjectedObject(JsonObject Json, ImmutableArray<ImageName> Matched);

/// <summary>Puts the references of built images into an object. Nothing else changes.</summary>
public static class ImageInjection
{
    /// <param name="references">What to write for an image, such as <c>127.0.0.1:5005/app:devloop-0123456789abcdef</c>.</param>
    public static InjectedObject Inject(
        KubernetesObject target, IReadOnlyDictionary<ImageName, string> references, IReadOnlyCollection<ImageTarget> images, IEnumerable<KindRule>? kinds = null)
    {
        JsonObject json = target.Json.DeepClone().AsObject();
        var matched = new SortedSet<ImageName>();
        foreach (ImageField field in ImageFields.Of(json, kinds))
        {
            if (Match(field, images) is not { } image)
                continue;
            matched.Add(image.Name);
            if (!references.TryGetValue(image.Name, out string? reference))
                continue;
            if (field is { Parts: { } parts, Holder: { } apart })
                ImageParts.Write(apart, parts, reference);
            else
                field.Node.ReplaceWith(reference);
            if (field is { Kind: ImageFieldKind.Container, Holder: { } container })
                Adapt(container, image);
            else if (field is { Kind: ImageFieldKind.Volume, Holder: { } volume })
                UsePresentImage(JsonFields.Map(volume, "image")!, "pullPolicy");
            else if (field is { Kind: ImageFieldKind.Declared, Holder: { } holder })
                AdaptDeclared(holder, field.Parts is not null);
        }
        return new InjectedObject(json, [.. matched]);
    }

    /// <summary>The images of the project that an object names.</summary>
    public static ImmutableArray<ImageName> Matches(KubernetesObject target, IReadOnlyCollection<ImageTarget> images, IEnumerable<KindRule>? kinds = null) =>
        [.. ImageFields.Of(target.Json, kinds).Select(f => Match(f, images)?.Name).OfType<ImageName>().Distinct().Order()];

    /// <summary>The image of the project that a container of a manifest runs; null when it is none of these.</summary>
    internal static ImageTarget? RunBy(JsonObject container, IReadOnlyCollection<ImageTarget> images) =>
        container["image"] is JsonValue node && JsonFields.Text(node) is { } text ? Match(new ImageField(ImageFieldKind.Container, "", text, node, container), images) : null;

    /// <summary>The image that a field names: one whose selector has the tag goes before one that takes any.</summary>
    private static ImageTarget? Match(ImageField field, IReadOnlyCollection<ImageTarget> images)
    {
        if (field.Reference is not { } reference)
            return null;
        ImageTarget? found = null;
        foreach (ImageTarget image in images)
        {
            if ((field.Kind == ImageFieldKind.Environment && !image.MatchInEnv) || !image.Selector.Matches(reference))
                continue;
            if (image.Selector.Reference.Tag is not null)
                return image;
            found ??= image;
        }
        return found;
    }

    /// <summary>Writes what the config says of containers that run an image.</summary>
    internal static void Adapt(JsonObject container, ImageTarget image)
    {
        UsePresentImage(container, "imagePullPolicy");
        if (image.Entrypoint is { } entrypoint)
            container["command"] = Texts(entrypoint.Words);
        if (image.ContainerArgs is { } args)
            container["args"] = Texts(args);
    }

    /// <summary>Custom kinds have the policy beside the image, by one of two names; where the image is a mapping, in it or beside it.</summary>
    private static void AdaptDeclared(JsonObject holder, bool isApart)
    {
        UsePresentImage(holder, "imagePullPolicy");
        UsePresentImage(holder, "pullPolicy");
        if (isApart && holder.Parent is JsonObject beside)
            UsePresentImage(beside, "imagePullPolicy");
    }

    private static void UsePresentImage(JsonObject holder, string policy)
    {
        if (JsonFields.Text(holder, policy) == "Always")
            holder[policy] = "IfNotPresent";
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)JsonValue.Create(t))];
}
