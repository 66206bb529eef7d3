using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Devloop.Adapters.Registry;

/// <summary>Whose certificates a registry may show: the system's authorities, and those in its own directory, as the engine has it.</summary>
internal sealed class ServerTrust
{
    /// <summary>TLS servers, by RFC 5280's extended key usage.</summary>
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _own;

    public ServerTrust(string directory, string host)
    {
        _own = Read(Path.Combine(directory, host));
        Options = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Trusts };
    }

    public SslClientAuthenticationOptions Options { get; }

    /// <summary>What was wrong with the certificate at the last handshake that failed for it.</summary>
    public SslPolicyErrors Problem { get; private set; }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 shown && ChainsToOwn(shown, chain)))
            return true;
        Problem = errors;
        return false;
    }

    private bool ChainsToOwn(X509Certificate2 shown, X509Chain? sent)
    {
        if (_own.Count == 0)
            return false;
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.CustomTrustStore.AddRange(_own);
        foreach (X509ChainElement element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(shown);
    }

    private static X509Certificate2Collection Read(string directory)
    {
        var found = new X509Certificate2Collection();
        try
        {
            foreach (string file in Directory.EnumerateFiles(directory, "*.crt"))
                found.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // Most registries have no directory; from one that cannot be read comes no trust, and the handshake says so.
        }
        return found;
    }
}
