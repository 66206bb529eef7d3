using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>
/// The form of an object that servers of every age take in a server-side apply. What is written out here means the same; older servers
/// just do not fill it in, or take it in one way only.
/// </summary>
public static class ApplyForm
{
    /// <summary>Fields of built-in kinds that map the name of a resource to a quantity.</summary>
    internal static readonly ImmutableHashSet<string> QuantityMaps =
        ["limits", "requests", "capacity", "hard", "overhead", "default", "defaultRequest", "min", "max", "maxLimitRequestRatio"];

    /// <summary>Writes the form into an object that nobody else has.</summary>
    public static void Write(JsonObject rendered)
    {
        ArgumentNullException.ThrowIfNull(rendered);
        if (rendered["spec"] is { } spec)
            Write(spec, isBuiltIn: !rendered.ObjectKind().IsCustom);
    }

    private static void Write(JsonNode node, bool isBuiltIn)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode item in list.OfType<JsonNode>())
                Write(item, isBuiltIn);
        }
        else if (node is JsonObject map)
        {
            foreach ((string key, JsonNode? value) in map)
            {
                if (key == "ports" && value is JsonArray ports)
                    WriteProtocols(ports);
                else if (isBuiltIn && value is JsonObject amounts && QuantityMaps.Contains(key))
                    WriteQuantities(amounts);
                else if (value is not null)
                    Write(value, isBuiltIn);
            }
        }
    }

    /// <summary>
    /// The protocol is part of what tells ports apart, and servers before 1.23 do not fill it in before they look
    /// (kubernetes/kubernetes#92332).
    /// </summary>
    private static void WriteProtocols(JsonArray ports)
    {
        foreach (JsonObject port in ports.OfType<JsonObject>().Where(p => p.ContainsKey("port") || p.ContainsKey("containerPort")))
            port["protocol"] ??= "TCP";
    }

    /// <summary>
    /// Servers of 1.20 refuse <c>cpu: 1</c> in a server-side apply ("expected string, got &amp;value.valueUnstructured"), though every other
    /// way of writing takes it: numbers go out as text.
    /// </summary>
    private static void WriteQuantities(JsonObject amounts)
    {
        foreach (string key in amounts.Where(a => a.Value?.GetValueKind() == JsonValueKind.Number).Select(a => a.Key).ToArray())
            amounts[key] = amounts[key]!.ToJsonString();
    }
}
