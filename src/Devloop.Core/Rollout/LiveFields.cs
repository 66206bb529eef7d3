using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>What every object of a cluster says of itself.</summary>
internal static class LiveFields
{
    /// <summary>The condition of a type, or null.</summary>
    public static JsonObject? Condition(this JsonObject node, string type) =>
        node.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type);

    public static string Name(this JsonObject node) => node.Text("metadata", "name") ?? "";

    public static ObjectKind ObjectKind(this JsonObject node) => new(node.Text("apiVersion") ?? "", node.Text("kind") ?? "");

    /// <summary>What tells an object from one made anew under its name.</summary>
    public static string Uid(this JsonObject node) => node.Text("metadata", "uid") ?? "";

    /// <summary>Counts the changes of an object's spec; kinds without it have 0.</summary>
    public static long Generation(this JsonObject node) => node.At("metadata", "generation") is JsonValue value
        && long.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long generation) ? generation : 0;

    public static bool IsDeleting(this JsonObject node) => node.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>False when the controller has not yet looked at the newest spec.</summary>
    public static bool IsObserved(this JsonObject node) =>
        node.Number("metadata", "generation") is not { } generation || node.Number("status", "observedGeneration") is not { } observed || observed >= generation;
}
