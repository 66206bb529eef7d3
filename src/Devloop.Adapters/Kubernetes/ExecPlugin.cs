using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Devloop.Adapters.Kubernetes;

/// <summary>A program that gives credentials (kubernetes.io, "client-go credential plugins").</summary>
/// <param name="ApiVersion"><c>client.authentication.k8s.io/v1</c> or <c>v1beta1</c>.</param>
/// <param name="Command">A path when it holds a separator, else looked up in <c>PATH</c>.</param>
/// <param name="Environment">Set on top of what devloop itself was started with.</param>
/// <param name="InstallHint">What the kubeconfig says when the program is missing.</param>
/// <param name="Cluster">What <c>provideClusterInfo</c> tells the plugin, as JSON text; null tells nothing.</param>
internal sealed record ExecPlugin(
    string User,
    string File,
    string ApiVersion,
    string Command,
    ImmutableArray<string> Arguments,
    ImmutableArray<KeyValuePair<string, string>> Environment,
    string? InstallHint,
    string? Cluster)
{
    /// <summary>The value of <c>KUBERNETES_EXEC_INFO</c>: never interactive, since the terminal belongs to devloop.</summary>
    public string Info()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (Cluster is not null)
            spec["cluster"] = JsonNode.Parse(Cluster);
        return new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }
}
