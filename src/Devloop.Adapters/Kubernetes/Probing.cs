using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Connects, and reads the version and the nodes.</summary>
internal static class Probing
{
    public static async Task<ClusterProbe> ProbeAsync(ApiClient client, CancellationToken cancellationToken)
    {
        ClusterAccess access = client.Access;
        try
        {
            JsonObject version = await client.CallAsync(HttpMethod.Get, "/version", null, cancellationToken).ConfigureAwait(false);
            ImmutableArray<ClusterNode> nodes = await NodesAsync(client, cancellationToken).ConfigureAwait(false);
            return new ClusterProbe.Reached(access.Context, client.Access.Server.GetLeftPart(UriPartial.Path).TrimEnd('/'), access.Namespace, (string?)version["gitVersion"] ?? "", nodes);
        }
        catch (ClusterException e)
        {
            return new ClusterProbe.Unreachable(Why(e, access));
        }
    }

    private static async Task<ImmutableArray<ClusterNode>> NodesAsync(ApiClient client, CancellationToken cancellationToken)
    {
        try
        {
            JsonObject list = await client.CallAsync(HttpMethod.Get, "/api/v1/nodes?limit=500", null, cancellationToken).ConfigureAwait(false);
            return [.. (list["items"] as JsonArray ?? []).OfType<JsonObject>().Select(Node)];
        }
        catch (ClusterException e) when (e.Status == 403)
        {
            // Rights in a namespace are enough for devloop; who may not read nodes has none to show.
            return [];
        }
    }

    private static ClusterNode Node(JsonObject node)
    {
        JsonNode? info = node["status"]?["nodeInfo"];
        IEnumerable<string> images = (node["status"]?["images"] as JsonArray ?? [])
            .SelectMany(image => image?["names"] as JsonArray ?? [])
            .Select(name => (string?)name ?? "");
        return new ClusterNode(
            (string?)node["metadata"]?["name"] ?? "",
            (string?)info?["containerRuntimeVersion"] ?? "",
            (string?)info?["machineID"] ?? "",
            (string?)info?["systemUUID"] ?? "",
            (string?)info?["bootID"] ?? "",
            [.. images]);
    }

    private static Diagnostic Why(ClusterException e, ClusterAccess access)
    {
        if (e.InnerException is CredentialException credentials)
            return credentials.Why;
        string server = access.Server.GetLeftPart(UriPartial.Authority);
        if (e.Status is 401 or 403)
        {
            return Diagnostic.Error(DiagnosticCode.ClusterUnreachable, $"the cluster of context `{access.Context}` refuses the credentials of the kubeconfig") with
            {
                Notes = [$"{server}: {e.Message}"],
                Help = $"sign in again; `kubectl --context {access.Context} get pods` works once the credentials are valid",
            };
        }
        return Diagnostic.Error(DiagnosticCode.ClusterUnreachable, $"the cluster of context `{access.Context}` cannot be reached: {e.Message}") with
        {
            Notes = [$"tried {server}"],
            Help = "start the cluster, or choose another with `--kube-context NAME`",
        };
    }
}
