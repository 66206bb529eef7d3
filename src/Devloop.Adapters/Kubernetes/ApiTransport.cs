using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// The connections to an API server. Calls and streams (watches, logs, port-forwards) have pools of their own, so that a
/// stream never stands in the way of a call, whether over HTTP/1.1 or HTTP/2.
/// </summary>
internal sealed class ApiTransport : IDisposable
{
    private readonly ClusterAccess _access;
    private readonly CredentialSource _credentials;

    public ApiTransport(ClusterAccess access, CredentialSource credentials)
    {
        _access = access;
        _credentials = credentials;
        Calls = new HttpMessageInvoker(Handler(), disposeHandler: true);
        Streams = new HttpMessageInvoker(Handler(), disposeHandler: true);
    }

    public HttpMessageInvoker Calls { get; }

    public HttpMessageInvoker Streams { get; }

    /// <summary>What was wrong with the server's certificate at the last handshake that failed for it.</summary>
    public SslPolicyErrors LastTlsProblem { get; private set; }

    public void Dispose()
    {
        Calls.Dispose();
        Streams.Dispose();
    }

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
        Proxy = _access.Proxy is null ? null : new WebProxy(_access.Proxy),
        SslOptions = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => _credentials.ClientCertificate!,
            RemoteCertificateValidationCallback = Trusts,
            CertificateChainPolicy = ChainPolicy(),
        },
    };

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
