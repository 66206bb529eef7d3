using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Devloop.Testing.Clusters;

/// <summary>
/// Server-side apply of the only manager there is: what was applied before and is not any more goes away, the rest is merged. A list
/// is one value, unlike on a real server; ownership is told as a real server tells it.
/// </summary>
internal static class FakeApply
{
    public static JsonObject Merge(JsonObject? live, JsonObject rendered, string name, string? @namespace)
    {
        var wanted = (JsonObject)rendered.DeepClone();
        wanted.Remove("status");
        var next = (JsonObject?)live?.DeepClone() ?? [];
        if (Owned(live) is { } before)
            Drop(next, before, wanted);
        Fill(next, wanted);
        if (next["metadata"] is not JsonObject metadata)
            next["metadata"] = metadata = [];
        metadata["name"] = name;
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        Identify(next, live);
        metadata["managedFields"] = new JsonArray(new JsonObject
        {
            ["manager"] = "devloop",
            ["operation"] = "Apply",
            ["apiVersion"] = wanted["apiVersion"]?.DeepClone(),
            ["fieldsV1"] = Fields(wanted, isRoot: true),
        });
        int generation = (int?)live?["metadata"]?["generation"] ?? 0;
        if (wanted["spec"] is not null)
            metadata["generation"] = live is null || !JsonNode.DeepEquals(live["spec"], next["spec"]) ? generation + 1 : generation;
        return next;
    }

    /// <summary>Gives a new object its uid and time of birth, and keeps those of an old one.</summary>
    public static void Identify(JsonObject next, JsonObject? live)
    {
        JsonNode metadata = next["metadata"]!;
        metadata["uid"] = live.Text("metadata", "uid") ?? metadata.Text("uid") ?? NewUid(next);
        metadata["creationTimestamp"] = live.Text("metadata", "creationTimestamp") ?? metadata.Text("creationTimestamp") ?? "2026-01-01T00:00:00Z";
    }

    private static long _made;

    private static string NewUid(JsonObject item) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{item.Text("kind")}/{item.Text("metadata", "name")}/{Interlocked.Increment(ref _made)}")))[..32];

    private static JsonObject? Owned(JsonObject? live) => live?["metadata"]?["managedFields"]?[0]?["fieldsV1"] as JsonObject;

    private static void Drop(JsonObject next, JsonObject owned, JsonObject wanted)
    {
        foreach ((string key, JsonNode? below) in owned)
        {
            string field = key[2..];
            if (!wanted.TryGetPropertyValue(field, out JsonNode? still))
                next.Remove(field);
            else if (next[field] is JsonObject map && still is JsonObject wantedMap && below is JsonObject fields)
                Drop(map, fields, wantedMap);
        }
    }

    private static void Fill(JsonObject next, JsonObject wanted)
    {
        foreach ((string key, JsonNode? value) in wanted)
        {
            if (value is JsonObject map && next[key] is JsonObject there)
                Fill(there, map);
            else if (value is not null)
                next[key] = value.DeepClone();
        }
    }

    private static JsonObject Fields(JsonObject wanted, bool isRoot)
    {
        var fields = new JsonObject();
        foreach ((string key, JsonNode? value) in wanted)
        {
            if (isRoot && key is "apiVersion" or "kind")
                continue;
            if (isRoot && key == "metadata" && value is JsonObject metadata)
            {
                var own = (JsonObject)metadata.DeepClone();
                own.Remove("name");
                own.Remove("namespace");
                fields["f:metadata"] = Fields(own, isRoot: false);
                continue;
            }
            fields["f:" + key] = value is JsonObject map ? Fields(map, isRoot: false) : new JsonObject();
        }
        return fields;
    }
}
