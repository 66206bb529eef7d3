using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Says in a few words why there was no answer.</summary>
internal static class ConnectionFailure
{
    public static string Describe(Exception failure, Uri server, SslPolicyErrors tlsProblem)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case AuthenticationException:
                    return Tls(tlsProblem);
                case SocketException socket:
                    return Socket(socket.SocketErrorCode, server);
                case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }:
                    return $"the host name `{server.Host}` is not known";
                case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError }:
                    return "the proxy refused the connection";
                case TimeoutException:
                    return "no answer in time";
                default:
                    continue;
            }
        }
        return "the connection broke";
    }

    /// <summary>True when a connection that had stood idle turned out to be dead: the server has not acted, so the call may be made again.</summary>
    public static bool IsDropped(HttpRequestException failure) =>
        failure.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError
        || (failure.HttpRequestError == HttpRequestError.Unknown && failure.InnerException is IOException);

    private static string Tls(SslPolicyErrors problem) =>
        problem.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "the server's certificate is for another name"
        : problem.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? "the server's certificate is not signed by an authority that the kubeconfig trusts"
        : "the TLS handshake failed";

    private static string Socket(SocketError error, Uri server) => error switch
    {
        SocketError.ConnectionRefused => "the connection was refused",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the host name `{server.Host}` is not known",
        SocketError.TimedOut => "no answer in time",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "there is no route to the server",
        SocketError.ConnectionReset or SocketError.ConnectionAborted => "the connection broke",
        _ => "the connection failed",
    };
}
