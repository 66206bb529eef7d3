using System.Text.Json.Nodes;

namespace Devloop.Testing.Clusters;

/// <summary>Short ways to read and write JSON in tests.</summary>
public static class Json
{
    public static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    /// <summary>The text at a path of keys, or null.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string key in path)
            node = (node as JsonObject)?[key];
        return node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
    }
}
