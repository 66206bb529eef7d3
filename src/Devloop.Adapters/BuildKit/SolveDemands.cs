using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Model;
using Google.Protobuf.Collections;

namespace Devloop.Adapters.BuildKit;

/// <summary>Says what a build asks of its builder beyond the Dockerfile language in BuildKit's words.</summary>
internal static class SolveDemands
{
    /// <param name="actions">Null outside of GitHub Actions: its cache is left out then.</param>
    public static void AddTo(SolveRequest solve, BuildDemands demands, ActionsCache? actions)
    {
        MapField<string, string> attributes = solve.FrontendAttrs;
        if (demands.SharedMemory is { } bytes)
            attributes["shm-size"] = bytes.ToString(CultureInfo.InvariantCulture);
        if (!demands.Limits.IsEmpty)
            attributes["ulimit"] = string.Join(',', demands.Limits.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Name}={l.Soft}:{l.Hard}")));
        if (!demands.NoCacheStages.IsEmpty && !attributes.ContainsKey("no-cache"))
            attributes["no-cache"] = string.Join(',', demands.NoCacheStages);
        if (demands.Sbom is { } sbom)
            attributes["attest:sbom"] = sbom;
        if (demands.Provenance is { } provenance)
            attributes["attest:provenance"] = provenance;
        foreach ((string key, string value) in demands.Annotations)
            solve.ExporterAttrs[AnnotationAttribute(key)] = value;

        CacheEntry[] from = [.. demands.CacheFrom.Select(c => Entry(c, actions)).OfType<CacheEntry>()];
        if (from.Length > 0)
            attributes["cache-imports"] = Json(from);
        solve.Cache.Exports.AddRange(demands.CacheTo.Select(c => Entry(c, actions)).OfType<CacheEntry>());
    }

    /// <summary><c>index:KEY</c> is <c>annotation-index.KEY</c>; a key without a level goes to the manifest.</summary>
    private static string AnnotationAttribute(string key) =>
        key.Split(':', 2) is [var level, var name] ? level == "manifest" ? "annotation." + name : $"annotation-{level}.{name}" : "annotation." + key;

    private static CacheEntry? Entry(CacheLocation cache, ActionsCache? actions)
    {
        if (cache.Type == CacheLocation.Actions && actions is null)
            return null;
        var entry = new CacheEntry { Type = cache.Type };
        foreach ((string name, string value) in cache.Attributes)
            entry.Attrs[name] = value;
        if (cache.Type == CacheLocation.Actions)
            actions!.AddTo(entry.Attrs);
        return entry;
    }

    /// <summary>The frontend reads its imports from JSON, with the names of the fields as BuildKit's own code has them.</summary>
    private static string Json(IEnumerable<CacheEntry> entries) => new JsonArray([.. entries.Select(e => (JsonNode)new JsonObject
    {
        ["Type"] = e.Type,
        ["Attrs"] = new JsonObject(e.Attrs.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))),
    })]).ToJsonString();
}
