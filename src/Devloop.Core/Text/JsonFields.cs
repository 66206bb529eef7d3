using System.Globalization;
using System.Text.Json.Nodes;

namespace Devloop.Text;

/// <summary>Reads fields of JSON that others wrote: one that is missing or of another type than expected is as good as none. Never throws.</summary>
internal static class JsonFields
{
    /// <summary>The node at a path of keys, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string key in path)
        {
            if (node is not JsonObject parent || !parent.TryGetPropertyValue(key, out node))
                return null;
        }
        return node;
    }

    /// <summary>The mapping at a path of keys, or null.</summary>
    public static JsonObject? Map(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>A whole number, or null; beyond 32 bits the nearest one that fits.</summary>
    public static int? Number(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        if (node.At(path) is not JsonValue value)
            return null;
        return value.TryGetValue(out int whole) ? whole
            : value.TryGetValue(out long wide) ? (int)Math.Clamp(wide, int.MinValue, int.MaxValue)
            : null;
    }

    /// <summary>True only where the field is <c>true</c>.</summary>
    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>An RFC 3339 time, or null.</summary>
    public static DateTimeOffset? Time(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(node.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) ? at : null;

    /// <summary>The objects of a list; none when it is missing.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as JsonArray)?.OfType<JsonObject>() ?? [];
}
