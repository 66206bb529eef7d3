using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>The objects of one file, lists taken apart.</summary>
public sealed record ManifestFile(SourceText Source, ImmutableArray<KubernetesObject> Objects);

/// <summary>One object of a manifest. Its JSON holds every field as kubectl would read it, known to devloop or not.</summary>
public sealed class KubernetesObject
{
    private readonly IReadOnlyDictionary<JsonNode, SourceSpan> _imageSpans;
    private string? _text;

    internal KubernetesObject(JsonObject json, SourceSpan at, IReadOnlyDictionary<JsonNode, SourceSpan> imageSpans)
    {
        Json = json;
        At = at;
        _imageSpans = imageSpans;
        ApiVersion = JsonFields.Text(json, "apiVersion") ?? "";
        Kind = JsonFields.Text(json, "kind") ?? "";
        JsonObject? metadata = json["metadata"] as JsonObject;
        Name = JsonFields.Text(metadata, "name") ?? "";
        Namespace = JsonFields.Text(metadata, "namespace") is { Length: > 0 } found ? found : null;
    }

    /// <summary>Shared: whoever changes it copies it before.</summary>
    public JsonObject Json { get; }

    /// <summary>The JSON as text, to hash and compare.</summary>
    public string JsonText => _text ??= Json.ToJsonString();

    public string ApiVersion { get; }

    public string Kind { get; }

    public string Name { get; }

    /// <summary>Null when the object names none.</summary>
    public string? Namespace { get; }

    /// <summary>Where the object begins.</summary>
    public SourceSpan At { get; }

    /// <summary>The object in a namespace that its manifest does not name. Nobody else may have it yet: it is written into the very JSON.</summary>
    internal KubernetesObject InNamespace(string @namespace)
    {
        ((JsonObject)Json["metadata"]!)["namespace"] = @namespace;
        return new KubernetesObject(Json, At, _imageSpans);
    }

    public ObjectReference Reference => new(new ObjectKind(ApiVersion, Kind), Namespace, Name);

    /// <summary>What makes two objects the same one in a cluster: group (without version), kind, namespace and name.</summary>
    public ObjectIdentity IdentityIn(string? defaultNamespace) => new(Group, Kind, Namespace ?? defaultNamespace ?? "", Name);

    /// <summary>The API group; empty for the core.</summary>
    public string Group => Reference.Kind.Group;

    /// <summary>Where an image field stands in the file, when it was read from YAML.</summary>
    public SourceSpan? SpanOf(ImageField field) => _imageSpans.GetValueOrDefault(field.Node);

    public override string ToString() => $"{Kind.ToLowerInvariant()}/{Name}";
}

/// <param name="Namespace">Empty when nothing says which.</param>
public readonly record struct ObjectIdentity(string Group, string Kind, string Namespace, string Name);
