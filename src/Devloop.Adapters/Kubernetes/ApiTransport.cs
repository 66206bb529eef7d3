using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// The connections to an API server. Calls and streams (watches, logs, port-forwards) have pools of their own, so that a
/// stream never stands in the way of a call, whether over HTTP/1.1 or HTTP/2. A connection keeps the certificate it was opened
/// with, so a new certificate takes new pools; what still runs in the old ones ends by itself.
/// </summary>
internal sealed class ApiTransport : IDisposable
{
    private readonly ClusterAccess _access;
    private readonly CredentialSource _credentials;
    private readonly Lock _lock = new();
    private readonly List<Pools> _left = [];
    private Pools _pools;

    public ApiTransport(ClusterAccess access, CredentialSource credentials)
    {
        _access = access;
        _credentials = credentials;
        _pools = Open(credentials.ClientCertificate);
    }

    /// <summary>The connections of one client certificate, or of none.</summary>
    private sealed record Pools(X509Certificate2? Certificate, HttpMessageInvoker Calls, HttpMessageInvoker Streams);

    public HttpMessageInvoker Calls => Current().Calls;

    public HttpMessageInvoker Streams => Current().Streams;

    /// <summary>What was wrong with the server's certificate at the last handshake that failed for it.</summary>
    public SslPolicyErrors LastTlsProblem { get; private set; }

    public void Dispose()
    {
        foreach (Pools pools in _left.Append(_pools))
        {
            pools.Calls.Dispose();
            pools.Streams.Dispose();
        }
    }

    private Pools Current()
    {
        X509Certificate2? certificate = _credentials.ClientCertificate;
        lock (_lock)
        {
            // The certificate of a plugin is known once the plugin was asked, which comes before the first handshake.
            if (_pools.Certificate is null && certificate is not null)
            {
                _pools = _pools with { Certificate = certificate };
            }
            else if (certificate is not null && certificate.Thumbprint != _pools.Certificate!.Thumbprint)
            {
                _left.Add(_pools);
                _pools = Open(certificate);
            }
            return _pools;
        }
    }

    private Pools Open(X509Certificate2? certificate) =>
        new(certificate, new HttpMessageInvoker(Handler(), disposeHandler: true), new HttpMessageInvoker(Handler(), disposeHandler: true));

    private SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(8),
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = TimeSpan.FromSeconds(15),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
        ConnectCallback = ConnectAsync,
        // As kubectl: the proxies of the environment are for servers elsewhere.
        UseProxy = _access.Proxy is not null || !_access.Server.IsLoopback,
        Proxy = _access.Proxy is null ? null : ProxyOf(_access.Proxy),
        SslOptions = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => (_pools.Certificate ?? _credentials.ClientCertificate)!,
            RemoteCertificateValidationCallback = Trusts,
            CertificateChainPolicy = ChainPolicy(),
        },
    };

    /// <summary>A proxy with the user and password that its address may hold.</summary>
    private static WebProxy ProxyOf(Uri address)
    {
        string[] user = address.UserInfo.Split(':', 2);
        return new WebProxy(address)
        {
            Credentials = user[0].Length == 0 ? null : new NetworkCredential(Uri.UnescapeDataString(user[0]), user.Length == 2 ? Uri.UnescapeDataString(user[1]) : ""),
        };
    }

    /// <summary>Keep-alive probes find out that a peer is gone while a watch is silent.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_access.SkipTlsVerify || errors == SslPolicyErrors.None)
            return true;
        LastTlsProblem = errors;
        return false;
    }

    private X509ChainPolicy? ChainPolicy()
    {
        if (_access.Authorities is null)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_access.Authorities);
        return policy;
    }
}
