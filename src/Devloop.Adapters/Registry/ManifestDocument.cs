using System.Collections.Immutable;
using System.Text.Json;
using Devloop.Dockerfiles;

namespace Devloop.Adapters.Registry;

/// <summary>A manifest or an index as a registry keeps it: Docker's schema 2 and OCI's, which differ in their media types alone.</summary>
internal sealed record ManifestDocument(byte[] Bytes, string Digest, string MediaType)
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";

    public static readonly ImmutableArray<string> MediaTypes = [DockerManifest, OciManifest, DockerList, OciIndex];

    private ImmutableArray<(BuildPlatform Platform, string Digest)> Entries { get; init; } = [];

    public bool IsIndex => MediaType is DockerList or OciIndex;

    /// <summary>The config of a manifest; null for an index, and for artifacts that are no images.</summary>
    public string? ConfigDigest { get; private init; }

    /// <summary>The manifest of a platform in an index.</summary>
    public string? DigestFor(BuildPlatform platform) => Entries.FirstOrDefault(e => e.Platform == platform).Digest;

    /// <summary>Null when it is none of these.</summary>
    /// <param name="contentType">What the registry says it is; the document's own word goes first.</param>
    public static ManifestDocument? Read(byte[] bytes, string digest, string? contentType)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            JsonElement root = json.RootElement;
            string? type = Text(root, "mediaType") ?? contentType;
            if (type is null || !MediaTypes.Contains(type))
                return null;
            return new ManifestDocument(bytes, digest, type)
            {
                ConfigDigest = Member(root, "config") is { } config ? Text(config, "digest") : null,
                Entries = Member(root, "manifests") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().SelectMany(Entry)] : [],
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<(BuildPlatform, string)> Entry(JsonElement entry)
    {
        if (Text(entry, "digest") is { } digest && Member(entry, "platform") is { } platform && Text(platform, "os") is { } os && Text(platform, "architecture") is { } architecture
            && BuildPlatform.TryParse($"{os}/{architecture}" + (Text(platform, "variant") is { Length: > 0 } variant ? "/" + variant : "")) is { } parsed)
        {
            yield return (parsed, digest);
        }
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string? Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
