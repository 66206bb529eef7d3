using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Processes;

/// <summary>Asks over HTTP and TCP, as the kubelet does: no proxy, no redirect followed, no certificate looked at.</summary>
public sealed class NetworkProbe : INetworkProbe, IDisposable
{
    private readonly HttpClient _http = new(Handler()) { Timeout = Timeout.InfiniteTimeSpan };

    [SuppressMessage("Security", "CA5359", Justification = "Nothing is sent that could be stolen, and certificates of development are mostly self-made.")]
    private static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        // A new question is a new connection: one that stays open says nothing of whether somebody still listens.
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    };

    public async Task<string?> AskAsync(ReadinessCheck.Http check, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(check.Scheme, check.Host, check.Port).Uri.GetLeftPart(UriPartial.Authority) + check.Path);
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return (int)response.StatusCode is >= 200 and < 400 ? null : $"port {check.Port} answered with status {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return Words(e.InnerException as SocketException, check.Port);
        }
        catch (UriFormatException)
        {
            return "its address is no URL";
        }
    }

    public async Task<string?> AskAsync(ReadinessCheck.Tcp check, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(check.Host, check.Port, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (SocketException e)
        {
            return Words(e, check.Port);
        }
    }

    private static string Words(SocketException? why, int port) => why?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => $"nobody listens on port {port}",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "its host has no address",
        _ => $"port {port} does not answer",
    };

    public void Dispose() => _http.Dispose();
}
