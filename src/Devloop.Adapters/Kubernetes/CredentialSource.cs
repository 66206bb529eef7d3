using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Gives the current credentials, and fetches new ones when they have run out or were refused.</summary>
internal sealed class CredentialSource(ClusterAccess access, TimeProvider time) : IDisposable
{
    // A token that is about to run out may run out on its way.
    private static readonly TimeSpan ExpirySkew = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TokenFileAge = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile Held? _held;

    private sealed record Held(AuthenticationHeaderValue? Header, X509Certificate2? Certificate, DateTimeOffset? Until);

    /// <summary>The certificate to show in a TLS handshake; that of a plugin stands once a header was asked for.</summary>
    public X509Certificate2? ClientCertificate => _held?.Certificate ?? access.ClientCertificate;

    /// <summary>True when new credentials can be had, so that a refusal is worth a second try.</summary>
    public bool IsRenewable => access.Credential is Credential.TokenFile or Credential.Exec;

    /// <summary>Forgets what it holds; the next request fetches anew.</summary>
    public void Expire() => _held = null;

    /// <exception cref="CredentialException">No credentials could be had.</exception>
    public async ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken)
    {
        if (_held is { } held && IsFresh(held))
            return held.Header;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_held is not { } current || !IsFresh(current))
                _held = current = await FetchAsync(cancellationToken).ConfigureAwait(false);
            return current.Header;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private bool IsFresh(Held held) => held.Until is not { } until || time.GetUtcNow() < until;

    private async Task<Held> FetchAsync(CancellationToken cancellationToken)
    {
        switch (access.Credential)
        {
            case Credential.Token token:
                return new Held(Bearer(token.Value), null, null);
            case Credential.Basic basic:
                string pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic.User}:{basic.Password}"));
                return new Held(new AuthenticationHeaderValue("Basic", pair), null, null);
            case Credential.TokenFile file:
                string text = await ReadTokenAsync(file.Path, cancellationToken).ConfigureAwait(false);
                return new Held(Bearer(text), null, time.GetUtcNow() + TokenFileAge);
            case Credential.Exec exec:
                PluginCredential given = await ExecPluginRun.RunAsync(exec.Plugin, cancellationToken).ConfigureAwait(false);
                return new Held(given.Token is null ? null : Bearer(given.Token), given.Certificate, given.Expires - ExpirySkew);
            default:
                return new Held(null, null, null);
        }
    }

    private static AuthenticationHeaderValue Bearer(string token) => token.Any(c => c is < '!' or > '~')
        ? throw new CredentialException(KubeconfigProblem.Of("the bearer token of the kubeconfig holds characters that no token has", "correct `token` in the kubeconfig, or sign in again"))
        : new AuthenticationHeaderValue("Bearer", token);

    private static async Task<string> ReadTokenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            string token = (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
            if (token.Length > 0)
                return token;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Told below, as an empty file is.
        }
        throw new CredentialException(KubeconfigProblem.Of($"the token file `{path}` gives no token", "write a token into it, or correct `tokenFile` in the kubeconfig"));
    }
}
