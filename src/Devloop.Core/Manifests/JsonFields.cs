using System.Text.Json;
using System.Text.Json.Nodes;

namespace Devloop.Manifests;

/// <summary>Careful looks into JSON that a user wrote: a field of another type is as good as none.</summary>
internal static class JsonFields
{
    public static string? Text(JsonNode? node, string key) =>
        node is JsonObject map && map.TryGetPropertyValue(key, out JsonNode? value) ? Text(value) : null;

    public static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static JsonObject? Map(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string key in path)
            node = node is JsonObject map ? map[key] : null;
        return node as JsonObject;
    }
}
