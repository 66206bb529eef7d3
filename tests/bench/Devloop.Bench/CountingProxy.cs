using System.Net.Sockets;
using Devloop.Adapters.Transport;

namespace Devloop.Bench;

/// <summary>A unix socket that leads to the engine and counts what goes there. Both clients of a comparison go through one.</summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly EngineDialer _engine;
    private readonly Task _accepting;
    private long _sent;

    public CountingProxy(EngineDialer engine)
    {
        _engine = engine;
        _listener.Bind(new UnixDomainSocketEndPoint(Socket));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string Socket => Path.Combine(_directory, "engine.sock");

    /// <summary>Bytes that clients sent to the engine since the last call.</summary>
    public long TakeSent() => Interlocked.Exchange(ref _sent, 0);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = new NetworkStream(await _listener.AcceptAsync().ConfigureAwait(false), ownsSocket: true);
                Stream far = await _engine.DialAsync(CancellationToken.None).ConfigureAwait(false);
                _ = CopyAsync(near, far, counted: true);
                _ = CopyAsync(far, near, counted: false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The bench is over.
        }
    }

    private async Task CopyAsync(Stream from, Stream to, bool counted)
    {
        byte[] buffer = new byte[128 * 1024];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                if (counted)
                    Interlocked.Add(ref _sent, count);
                await to.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One side has gone.
        }
        await to.DisposeAsync().ConfigureAwait(false);
    }
}
