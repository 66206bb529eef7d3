using System.Text;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>Tells whether an apply would change anything.</summary>
public static class AppliedState
{
    /// <summary>
    /// True when every field of the rendered object is already so in the live one, and devloop owns no field in the live one that the
    /// rendered one has dropped: applying it would change nothing. When in doubt it is false, which costs one apply.
    /// </summary>
    /// <param name="live">The object as the API server gives it, with its managed fields.</param>
    /// <param name="rendered">The object to apply.</param>
    /// <param name="fieldManager">The manager in whose name devloop applies.</param>
    public static bool Covers(JsonObject live, JsonObject rendered, string fieldManager = "devloop")
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(rendered);
        if (live.IsDeleting())
            return false;
        JsonObject wanted = Normal(rendered);
        // Of kinds that live in no namespace, servers drop the name of one.
        if (live.Text("metadata", "namespace") is null)
            (wanted["metadata"] as JsonObject)?.Remove("namespace");
        return Object(live, wanted, "") && OwnedFields.AreKept(live, wanted, fieldManager);
    }

    /// <summary>What the API server makes of some fields on the way in: <c>stringData</c> becomes <c>data</c>, and <c>status</c> is not applied.</summary>
    private static JsonObject Normal(JsonObject rendered)
    {
        var normal = (JsonObject)rendered.DeepClone();
        normal.Remove("status");
        if (normal.Text("kind") != "Secret" || normal["stringData"] is not JsonObject texts)
            return normal;
        if (normal["data"] is not JsonObject data)
            normal["data"] = data = [];
        foreach (string key in texts.Select(t => t.Key))
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(texts.Text(key) ?? ""));
        normal.Remove("stringData");
        return normal;
    }

    private static bool Object(JsonObject live, JsonObject wanted, string key)
    {
        foreach ((string name, JsonNode? value) in wanted)
        {
            live.TryGetPropertyValue(name, out JsonNode? there);
            if (!Node(there, value, name, key))
                return false;
        }
        return true;
    }

    /// <param name="key">The field's name; for an element of a list, the list's.</param>
    /// <param name="parent">The name of the field that holds it.</param>
    private static bool Node(JsonNode? live, JsonNode? wanted, string key, string parent) => wanted switch
    {
        // A null in an applied object says nothing of the field.
        null => true,
        JsonObject map => live is JsonObject there && Object(there, map, key),
        JsonArray list => live is JsonArray there && List(there, list, key),
        _ => live is JsonValue there && Scalar(there, (JsonValue)wanted, key, parent),
    };

    private static bool List(JsonArray live, JsonArray wanted, string key)
    {
        if (key == "finalizers")
            return wanted.All(w => live.Any(l => JsonNode.DeepEquals(l, w)));
        if (MergeKeys.Of(key, wanted) is { } keys)
            return wanted.OfType<JsonObject>().All(w => MergeKeys.Find(live, w, keys) is { } there && Object(there, w, key));
        return live.Count == wanted.Count && live.Zip(wanted).All(pair => Node(pair.First, pair.Second, key, key));
    }

    private static bool Scalar(JsonValue live, JsonValue wanted, string key, string parent)
    {
        if (JsonNode.DeepEquals(live, wanted))
            return true;
        bool isQuantity = ApplyForm.QuantityMaps.Contains(parent) || key == "sizeLimit";
        return isQuantity && Quantity.AreEqual(Plain(live), Plain(wanted));
    }

    private static string Plain(JsonValue value) => value.TryGetValue(out string? text) ? text : value.ToJsonString();
}
