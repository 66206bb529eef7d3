using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Certificates and keys of a kubeconfig: PEM in a file, or PEM in base64 under the key that ends in <c>-data</c>, which wins.</summary>
internal static class PemFiles
{
    public static X509Certificate2Collection? Authorities(KubeconfigEntry cluster, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        if (Pem(cluster, "certificate-authority", "cluster", diagnostics) is not { } pem)
            return null;
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(pem);
            if (found.Count > 0)
                return found;
        }
        catch (CryptographicException)
        {
            // Told below, together with a text that holds no certificate at all.
        }
        diagnostics.Add(KubeconfigProblem.Of(
            $"`certificate-authority` of cluster `{cluster.Name}` in kubeconfig `{cluster.File}` holds no certificate",
            "it holds one or more blocks `-----BEGIN CERTIFICATE-----`"));
        return null;
    }

    public static X509Certificate2? ClientCertificate(KubeconfigEntry user, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        int before = diagnostics.Count;
        string? certificate = Pem(user, "client-certificate", "user", diagnostics);
        string? key = Pem(user, "client-key", "user", diagnostics);
        if (diagnostics.Count > before || (certificate is null && key is null))
            return null;
        if (certificate is not null && key is not null && CertificatePair.Of(certificate, key) is { } pair)
            return pair;
        diagnostics.Add(KubeconfigProblem.Of(
            $"`client-certificate` and `client-key` of user `{user.Name}` in kubeconfig `{user.File}` are not a pair",
            "both are needed: a certificate in PEM and its own unencrypted private key"));
        return null;
    }

    private static string? Pem(KubeconfigEntry entry, string key, string kind, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        if (entry.Text(key + "-data") is { } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                diagnostics.Add(KubeconfigProblem.Of($"`{key}-data` of {kind} `{entry.Name}` in kubeconfig `{entry.File}` is not base64", $"it is the PEM file in base64; `{key}` names a file instead"));
                return null;
            }
        }
        if (entry.FilePath(key) is not { } path)
            return null;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = File.Exists(path) ? "cannot be read" : "does not exist";
            diagnostics.Add(KubeconfigProblem.Of($"`{key}` of {kind} `{entry.Name}` in kubeconfig `{entry.File}` names `{path}`, which {why}", $"correct the path, or put the file in base64 under `{key}-data`"));
            return null;
        }
    }
}
