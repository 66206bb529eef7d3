using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Devloop.Ports;

namespace Devloop.Rollout;

/// <summary>
/// What an apply leaves behind that makes it invalid. When a manifest drops a field, a server-side apply takes away what was written of it
/// and leaves what the server had filled in, which nobody owns: of a probe that goes, <c>scheme: HTTP</c> stays, and a probe without a port
/// is refused; so is a rolling update's default beside <c>type: Recreate</c>. Whoever takes those out first can apply.
/// </summary>
public static partial class LeftBehind
{
    /// <summary>How far above a field that was left behind a removal may go: from a probe's handler to the probe.</summary>
    public const int MostClimbs = 2;

    /// <summary>
    /// JSON pointers (RFC 6901) to what is to be taken out of the live object before the rendered one is applied; empty when the refusal
    /// is about something that the manifest itself says.
    /// </summary>
    /// <param name="climb">How many levels above what was left behind to take out, since what is around it may not stand without it either.</param>
    public static ImmutableArray<string> In(JsonObject live, JsonObject rendered, ClusterException refusal, int climb)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(rendered);
        ArgumentNullException.ThrowIfNull(refusal);
        string[] found = [.. refusal.Causes.Select(c => Pointer(live, rendered, c.Field, climb)).OfType<string>().Distinct(StringComparer.Ordinal)];
        return [.. found.Where(p => !found.Any(other => other != p && p.StartsWith(other + "/", StringComparison.Ordinal)))];
    }

    private static string? Pointer(JsonObject live, JsonObject rendered, string field, int climb)
    {
        var steps = new List<(string Token, bool IsElement)>();
        (JsonNode? there, JsonNode? wanted, string last) = (live, rendered, "");
        (bool isDropped, string? pointer) = (false, null);
        foreach (Match match in Steps().Matches(field))
        {
            bool isElement = match.Groups["index"].Success;
            string token = isElement ? match.Groups["index"].Value : match.Groups["name"].Value;
            JsonNode? next = isElement ? Element(there as JsonArray, token) : (there as JsonObject)?[token];
            // What is refused and was not there before was not left behind.
            if (next is null)
                return null;
            wanted = isElement ? Like(next, wanted as JsonArray, last) : (wanted as JsonObject)?[token];
            steps.Add((token, isElement));
            (there, last) = (next, token);
            if (wanted is null && !isDropped)
                (isDropped, pointer) = (true, At(steps, climb));
        }
        return pointer;
    }

    /// <summary>Never a whole element of a list, and never all of <c>spec</c>.</summary>
    private static string? At(List<(string Token, bool IsElement)> steps, int climb)
    {
        int depth = steps.Count - climb;
        if (depth < 2 || steps[0].Token != "spec" || steps[depth - 1].IsElement)
            return null;
        return string.Concat(steps.Take(depth).Select(s => "/" + s.Token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
    }

    private static JsonNode? Element(JsonArray? list, string index) =>
        list is not null && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int at) && at < list.Count ? list[at] : null;

    /// <summary>The element of a rendered list that stands for a live one.</summary>
    private static JsonObject? Like(JsonNode element, JsonArray? wanted, string list) =>
        wanted is not null && element is JsonObject map && MergeKeys.Of(list, wanted) is { } keys ? MergeKeys.Find(wanted, map, keys) : null;

    // Such as spec.template.spec.containers[0].readinessProbe.httpGet.port
    [GeneratedRegex(@"\[(?<index>[^\]]*)\]|(?<name>[^.\[\]]+)")]
    private static partial Regex Steps();
}
