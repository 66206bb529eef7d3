using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A server of a test's own that hands each connection on to another one, byte for byte; with TLS in front of it when asked to.</summary>
public sealed class ServerBridge : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<CancellationToken, ValueTask<Stream>> _far;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    private ServerBridge(Socket listener, EndPoint endPoint, Func<CancellationToken, ValueTask<Stream>> far, SslServerAuthenticationOptions? tls)
    {
        (_listener, _far, _tls) = (listener, far, tls);
        _listener.Bind(endPoint);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>On a free port of loopback.</summary>
    /// <param name="far">Opens the other side of a connection.</param>
    public static ServerBridge OnTcp(Func<CancellationToken, ValueTask<Stream>> far, SslServerAuthenticationOptions? tls = null) =>
        new(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), new IPEndPoint(IPAddress.Loopback, 0), far, tls);

    public static ServerBridge OnUnix(string path, Func<CancellationToken, ValueTask<Stream>> far) =>
        new(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path), far, null);

    /// <summary>Waits until every connection so far has ended.</summary>
    public Task UntilIdleAsync()
    {
        lock (_connections)
            return Task.WhenAll(_connections);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Task connection = ServeAsync(await _listener.AcceptAsync(_stop.Token));
                lock (_connections)
                    _connections.Add(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
        await UntilIdleAsync();
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using Stream near = await SecuredAsync(new NetworkStream(socket, ownsSocket: true));
            await using Stream far = await _far(_stop.Token);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Task[] both = [near.CopyToAsync(far, stop.Token), far.CopyToAsync(near, stop.Token)];
            await Task.WhenAny(both);
            await stop.CancelAsync();
            await Task.WhenAll(both).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            // Refused, or one side went away.
        }
    }

    private async Task<Stream> SecuredAsync(NetworkStream connection)
    {
        if (_tls is null)
            return connection;
        var secured = new SslStream(connection);
        try
        {
            await secured.AuthenticateAsServerAsync(_tls, _stop.Token);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }
}
