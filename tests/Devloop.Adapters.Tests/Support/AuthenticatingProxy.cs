using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Devloop.Adapters.Tests.Support;

/// <summary>An HTTP proxy on loopback that leads to any server by CONNECT, once it was told who asks.</summary>
internal sealed class AuthenticatingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _credentials;
    private readonly ConcurrentQueue<string> _led = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <param name="credentials">As <c>user:password</c>.</param>
    public AuthenticatingProxy(string credentials)
    {
        _credentials = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The servers, as <c>host:port</c>, that it led to.</summary>
    public IReadOnlyCollection<string> Led => _led;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                NetworkStream near = client.GetStream();
                while (await HeadAsync(near) is { } head)
                {
                    if (!head.Contains("Proxy-Authorization: " + _credentials, StringComparison.OrdinalIgnoreCase))
                    {
                        await near.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                        continue;
                    }
                    string server = head.Split(' ')[1];
                    using var far = new TcpClient();
                    await far.ConnectAsync(IPEndPoint.Parse(server), _stop.Token);
                    _led.Enqueue(server);
                    await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stop.Token);
                    await Task.WhenAny(near.CopyToAsync(far.GetStream(), _stop.Token), far.GetStream().CopyToAsync(near, _stop.Token));
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Either side hung up, or the test is over.
        }
    }

    /// <summary>A request up to its empty line; null when there is no more.</summary>
    private async Task<string?> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            head.Append((char)one[0]);
            if (head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
                return head.ToString();
        }
        return null;
    }
}
