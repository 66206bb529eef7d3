using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Which kubeconfig contexts may be written to: those of local clusters by their names, and those that the config lists.</summary>
public static class ContextPermission
{
    private static readonly ImmutableArray<string> Names = ["minikube", "docker-desktop", "docker-for-desktop", "orbstack", "rancher-desktop", "colima", "microk8s", "crc"];
    private static readonly ImmutableArray<string> Prefixes = ["kind-", "k3d-", "colima-", "crc-"];

    public static bool IsAllowed(string context, ClusterSettings settings) =>
        settings.AllowContexts.Contains(context)
        || Names.Contains(context)
        || Prefixes.Any(p => context.StartsWith(p, StringComparison.Ordinal));

    public static Diagnostic Refusal(string context) =>
        Diagnostic.Error(DiagnosticCode.ContextNotAllowed, $"context `{context}` may not be written to: it is not known as a local cluster") with
        {
            Help = $"`cluster: {{allow_contexts: [{context}]}}` in the config allows it; `--kube-context` names another",
        };
}
