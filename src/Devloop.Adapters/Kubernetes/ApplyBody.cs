using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// What is sent for an apply, in the form that servers of every age take. Older servers know a quantity as text only and refuse <c>cpu: 1</c> in a server-side apply ("expected
/// string, got &amp;value.valueUnstructured", seen with 1.20), though every other way of writing takes it: so numbers among the resources of
/// built-in kinds go out as text, which means the same.
/// </summary>
internal static class ApplyBody
{
    private static readonly ImmutableHashSet<string> QuantityMaps = ["limits", "requests", "capacity", "hard", "overhead", "default", "defaultRequest", "min", "max", "maxLimitRequestRatio"];

    public static ApiBody Of(JsonObject rendered)
    {
        JsonObject body = rendered;
        if (IsBuiltIn((string?)rendered["apiVersion"] ?? "") && rendered["spec"] is JsonObject)
        {
            body = (JsonObject)rendered.DeepClone();
            WriteQuantities(body["spec"]!);
        }
        return new ApiBody("application/apply-patch+yaml", body.ToJsonString());
    }

    /// <summary>Groups of Kubernetes itself have no dot in their name, or end in <c>.k8s.io</c>.</summary>
    private static bool IsBuiltIn(string apiVersion)
    {
        int slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 || !apiVersion[..slash].Contains('.', StringComparison.Ordinal) || apiVersion[..slash].EndsWith(".k8s.io", StringComparison.Ordinal);
    }

    private static void WriteQuantities(JsonNode node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode item in list.OfType<JsonNode>())
                WriteQuantities(item);
        }
        else if (node is JsonObject map)
        {
            foreach ((string key, JsonNode? value) in map)
            {
                if (value is JsonObject amounts && QuantityMaps.Contains(key))
                    WriteAmounts(amounts);
                else if (value is not null)
                    WriteQuantities(value);
            }
        }
    }

    private static void WriteAmounts(JsonObject amounts)
    {
        foreach (string key in amounts.Where(a => a.Value?.GetValueKind() == JsonValueKind.Number).Select(a => a.Key).ToArray())
            amounts[key] = amounts[key]!.ToJsonString();
    }
}
