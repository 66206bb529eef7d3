using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Devloop.Rollout;

/// <summary>
/// The keys by which the API tells the elements of its lists apart (the <c>x-kubernetes-list-map-keys</c> of the built-in kinds). Only for
/// these lists may a live object hold more elements than the applied one.
/// </summary>
internal static class MergeKeys
{
    private static readonly ImmutableArray<string> ByName = ["name"];
    private static readonly ImmutableArray<string> ByContainerPort = ["containerPort", "protocol"];
    private static readonly ImmutableArray<string> ByPort = ["port", "protocol"];
    private static readonly ImmutableArray<string> ByMountPath = ["mountPath"];
    private static readonly ImmutableArray<string> ByIp = ["ip"];

    /// <summary>The keys of a list, or null when it is one whole value.</summary>
    /// <param name="field">The name of the list's field.</param>
    public static ImmutableArray<string>? Of(string field, JsonArray elements) => field switch
    {
        "containers" or "initContainers" or "ephemeralContainers" or "env" or "volumes" or "imagePullSecrets" when All(elements, "name") => ByName,
        "ports" when All(elements, "containerPort") => ByContainerPort,
        "ports" when All(elements, "port") => ByPort,
        "volumeMounts" when All(elements, "mountPath") => ByMountPath,
        "hostAliases" when All(elements, "ip") => ByIp,
        _ => null,
    };

    /// <summary>The element of a list that has the same keys; a protocol that is left out is TCP.</summary>
    public static JsonObject? Find(JsonArray list, JsonObject like, ImmutableArray<string> keys) =>
        list.OfType<JsonObject>().FirstOrDefault(e => keys.All(k => JsonNode.DeepEquals(Key(e, k), Key(like, k))));

    private static JsonNode? Key(JsonObject element, string key) => element[key] ?? (key == "protocol" ? JsonValue.Create("TCP") : null);

    private static bool All(JsonArray elements, string key) => elements.Count > 0 && elements.All(e => e is JsonObject o && o.ContainsKey(key));
}
