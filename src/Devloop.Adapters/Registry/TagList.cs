using System.Text.Json;

namespace Devloop.Adapters.Registry;

/// <summary>Reads the answer to <c>tags/list</c>.</summary>
internal static class TagList
{
    /// <summary>Null when it is no such answer; a repository without tags has an empty list or none at all.</summary>
    public static string[]? Read(byte[] body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("tags", out JsonElement tags))
                return null;
            return tags.ValueKind == JsonValueKind.Null ? [] : [.. tags.EnumerateArray().Select(t => t.GetString()).OfType<string>()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
