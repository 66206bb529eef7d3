using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Devloop.Testing;

/// <summary>A relay to a server that can be cut: connections break and new ones are refused until it is mended.</summary>
public sealed class CuttingRelay : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly int _port;
    private Socket _listener;
    private Task _accepting;

    public CuttingRelay(Uri server)
    {
        _server = server;
        _listener = Listen(0);
        _port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Host and port.</summary>
    public string Address => "127.0.0.1:" + _port.ToString(CultureInfo.InvariantCulture);

    public async Task CutAsync()
    {
        _listener.Dispose();
        await _accepting;
        while (_sockets.TryTake(out Socket? socket))
            socket.Dispose();
    }

    public void Mend()
    {
        _listener = Listen(_port);
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket near = await listener.AcceptAsync();
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(near);
                _sockets.Add(far);
                await far.ConnectAsync(_server.Host, _server.Port);
                _ = RelayAsync(near, far);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private static async Task RelayAsync(Socket near, Socket far)
    {
        await Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near));
        near.Dispose();
        far.Dispose();
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer)) > 0;)
                await to.SendAsync(buffer.AsMemory(0, count));
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            to.Dispose();
        }
    }
}
