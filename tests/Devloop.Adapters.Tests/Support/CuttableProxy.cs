using System.Net.Sockets;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A unix socket that leads to the engine until a test cuts every connection.</summary>
public sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Stream> _open = [];
    private readonly Task _accepting;

    public CuttableProxy()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_files["engine.sock"]));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public EngineDialer Dialer => new(new EngineAddress.Unix(_files["engine.sock"]));

    public void Cut()
    {
        lock (_open)
        {
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Cut();
        await _accepting;
        _files.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = new NetworkStream(await _listener.AcceptAsync(), ownsSocket: true);
                Stream far = await TestEngine.Dialer().DialAsync(CancellationToken.None);
                lock (_open)
                    _open.AddRange([near, far]);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task CopyAsync(Stream from, Stream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One side is cut.
        }
        await to.DisposeAsync();
    }
}
