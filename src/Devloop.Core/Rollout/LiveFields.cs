using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>What every object of a cluster says of itself.</summary>
internal static class LiveFields
{
    /// <summary>The condition of a type, or null.</summary>
    public static JsonObject? Condition(this JsonObject node, string type) =>
        node.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type);

    public static string Name(this JsonObject node) => node.Text("metadata", "name") ?? "";

    public static bool IsDeleting(this JsonObject node) => node.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>False when the controller has not yet looked at the newest spec.</summary>
    public static bool IsObserved(this JsonObject node) =>
        node.Number("metadata", "generation") is not { } generation || node.Number("status", "observedGeneration") is not { } observed || observed >= generation;
}
