using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Devloop.Ports;

namespace Devloop.Adapters.Transport;

/// <summary>Puts TLS on a connection, and says of each refusal what it was.</summary>
internal sealed class TlsConnection(IDialer dialer, string host, TlsSettings settings)
{
    private const string FilesHelp = "the files are PEM: `ca.pem` is the authority that signed the server's certificate, `cert.pem` and `key.pem` are the client's own";

    /// <summary>What was wrong with the server's certificate; null when nothing was.</summary>
    private (string Why, string Help)? _problem;

    /// <summary>Closes the connection when the handshake fails.</summary>
    public async ValueTask<Stream> AuthenticateAsync(Stream connection, CancellationToken cancellationToken)
    {
        var tls = new SslStream(connection);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(), cancellationToken).ConfigureAwait(false);
            // With TLS 1.3 the server judges the client's certificate after the handshake: its refusal comes instead of the first answer.
            return new FirstAnswerStream(tls, e => ValueTask.FromResult<Exception?>(e is null ? null : RefusalIn(e)));
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw e switch
            {
                AuthenticationException when _problem is { } problem => dialer.Unreachable(problem.Why, problem.Help, e),
                AuthenticationException or IOException => RefusalIn(e) ?? dialer.Unreachable("it does not speak TLS", "what listens there may be a server in the clear, or another one; the port of an engine with TLS is 2376 as a rule", e),
                _ => e,
            };
        }
    }

    private SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = settings.ServerName ?? host,
            RemoteCertificateValidationCallback = Trusts,
        };
        if (settings.Http2)
            options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        if (settings.Authorities is { } file && !settings.SkipVerify)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(AuthoritiesIn(file));
        }
        if (settings is { Certificate: { } certificate, Key: { } key })
        {
            X509Certificate2 own = CertificatePair.Of(Read(certificate), Read(key))
                ?? throw dialer.Unreachable($"`{certificate}` and `{key}` are not a certificate and its key", FilesHelp);
            options.ClientCertificates = [own];
        }
        return options;
    }

    private X509Certificate2Collection AuthoritiesIn(string file)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(Read(file));
        }
        catch (CryptographicException)
        {
            // Told below, together with a file that holds no certificate at all.
        }
        return found.Count > 0 ? found : throw dialer.Unreachable($"`{file}` holds no certificate", FilesHelp);
    }

    private string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw dialer.Unreachable($"`{file}` {(File.Exists(file) ? "cannot be read" : "does not exist")}", FilesHelp, e);
        }
    }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (settings.SkipVerify || errors == SslPolicyErrors.None)
            return true;
        X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        string name = settings.ServerName ?? host;
        _problem = errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? ("it shows no certificate", FilesHelp)
            : (flags & ~X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError ? ($"its certificate is not signed by an authority that {(settings.Authorities is { } file ? $"`{file}`" : "this machine")} holds", FilesHelp)
            : flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? ("its certificate has expired, or is not valid yet", "a new certificate for the server mends it; so does the clock, when it is wrong here")
            : ($"its certificate is for another name than `{name}`", "the address names the server as its certificate does");
        return false;
    }

    /// <summary>A TLS alert of the server after ours was sent: it is about the client's certificate. Null for any other failure.</summary>
    private EngineUnreachableException? RefusalIn(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            // The alert's own name is in OpenSSL's text only, and that is never shown.
            if (e.Message.Contains("alert", StringComparison.OrdinalIgnoreCase))
            {
                return settings.Certificate is null
                    ? dialer.Unreachable("it asks for a client certificate", "`cert.pem` and `key.pem`, signed by an authority that the server trusts, stand beside `ca.pem`", failure)
                    : dialer.Unreachable($"it refused the client certificate `{settings.Certificate}`", "the certificate is signed by an authority that the server trusts, and is valid now", failure);
            }
        }
        return null;
    }
}
