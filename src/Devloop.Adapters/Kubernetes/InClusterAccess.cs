using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Devloop.Diagnostics;

namespace Devloop.Adapters.Kubernetes;

/// <summary>The access of a pod's service account.</summary>
internal static class InClusterAccess
{
    public static ClusterAccess? Read(InClusterAddress address, string? @namespace, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        string token = Path.Combine(address.Directory, "token");
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(Path.Combine(address.Directory, "ca.crt"));
            string own = Path.Combine(address.Directory, "namespace");
            string host = address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host;
            if (File.Exists(token) && Uri.TryCreate($"https://{host}:{address.Port}", UriKind.Absolute, out Uri? server))
            {
                return new ClusterAccess
                {
                    Context = ClusterAccess.InClusterContext,
                    Namespace = @namespace ?? (File.Exists(own) ? File.ReadAllText(own).Trim() : "default"),
                    Server = server,
                    Authorities = authorities,
                    Credential = new Credential.TokenFile(token),
                };
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // The one message below says what matters: this pod has no usable service account.
        }
        diagnostics.Add(KubeconfigProblem.Of(
            $"no kubeconfig, and the service account in `{address.Directory}` cannot be used",
            "set `KUBECONFIG`, or mount the service account token into the pod"));
        return null;
    }
}
