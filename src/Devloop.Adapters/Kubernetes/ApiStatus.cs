using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Reads the <c>Status</c> object with which an API server refuses.</summary>
internal static class ApiStatus
{
    /// <param name="body">The whole body, or what of it could be read.</param>
    public static ClusterException Read(int httpStatus, string body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject status && (string?)status["kind"] == "Status")
                return Of(status, httpStatus);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not a Status: a proxy or an old server answered; its text follows.
        }
        string line = body.Trim();
        bool isPlain = line.Length is > 0 and < 300 && !line.Contains('\n', StringComparison.Ordinal) && !line.StartsWith('<');
        return new ClusterException(httpStatus, "", isPlain ? line : $"the server answered with status {httpStatus}");
    }

    /// <summary>A Status object, as a body or as the object of a watch's <c>ERROR</c> event.</summary>
    public static ClusterException Of(JsonObject status, int httpStatus)
    {
        ImmutableArray<ClusterCause> causes = status["details"]?["causes"] is JsonArray list
            ? [.. list.OfType<JsonObject>().Select(c => new ClusterCause((string?)c["reason"] ?? "", (string?)c["message"] ?? "", (string?)c["field"] ?? ""))]
            : [];
        int code = status["code"] is { } given ? (int)given : httpStatus;
        return new ClusterException(code, (string?)status["reason"] ?? "", (string?)status["message"] ?? $"the server answered with status {code}", causes);
    }
}
