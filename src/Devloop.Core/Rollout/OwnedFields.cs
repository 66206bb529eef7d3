using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>
/// What a field manager owns of an object, as <c>metadata.managedFields</c> tells (kubernetes.io, "Server-Side Apply"). An apply
/// removes the owned fields that it leaves out, so an object is settled only when none is left out.
/// </summary>
internal static class OwnedFields
{
    /// <summary>True when the manager has applied the object before, in the same version, and all that it owns is still wanted.</summary>
    public static bool AreKept(JsonObject live, JsonObject wanted, string manager)
    {
        JsonObject? entry = live.Items("metadata", "managedFields")
            .FirstOrDefault(e => e.Text("manager") == manager && e.Text("operation") == "Apply" && e.Text("subresource") is null or "");
        return entry is not null && entry.Text("apiVersion") == wanted.Text("apiVersion") && IsKept(entry.At("fieldsV1"), wanted);
    }

    /// <summary>Keys are <c>f:NAME</c> for a field, <c>k:{...}</c> for an element by its keys, <c>v:VALUE</c> for one by its value, <c>.</c> for itself.</summary>
    private static bool IsKept(JsonNode? owned, JsonNode? wanted)
    {
        if (owned is not JsonObject fields)
            return true;
        foreach ((string key, JsonNode? below) in fields)
        {
            bool isKept = key switch
            {
                ['f', ':', .. string name] => IsFieldKept(name, below, wanted),
                ['k', ':', .. string keys] => Element(keys, wanted) is { } element && IsKept(below, element),
                ['v', ':', .. string value] => wanted is JsonArray list && Parse(value) is var node && list.Any(e => JsonNode.DeepEquals(e, node)),
                _ => true,
            };
            if (!isKept)
                return false;
        }
        return true;
    }

    private static bool IsFieldKept(string name, JsonNode? below, JsonNode? wanted)
    {
        // Written as stringData, kept as data: the wanted object has been brought to that form.
        if (name == "stringData")
            return true;
        return wanted is JsonObject map && map.TryGetPropertyValue(name, out JsonNode? value) && IsKept(below, value);
    }

    private static JsonObject? Element(string keys, JsonNode? wanted) =>
        wanted is JsonArray list && Parse(keys) is JsonObject key
            ? list.OfType<JsonObject>().FirstOrDefault(e => key.All(k => e[k.Key] is not { } value || JsonNode.DeepEquals(value, k.Value)))
            : null;

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
