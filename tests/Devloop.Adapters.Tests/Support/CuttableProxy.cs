using System.Net.Sockets;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A unix socket that leads to the engine until a test cuts every connection, or holds back what clients send.</summary>
public sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Stream> _open = [];
    private readonly Task _accepting;
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _allowance = long.MaxValue;
    private int _connections;

    public CuttableProxy()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_files["engine.sock"]));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public EngineDialer Dialer => new(new EngineAddress.Unix(_files["engine.sock"]));

    /// <summary>Connections that clients have open now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Lets so many bytes more through to the engine and no more until <see cref="Release"/>; completes when there are more.</summary>
    public Task HoldAfterAsync(long bytes)
    {
        Interlocked.Exchange(ref _allowance, bytes);
        return _held.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    public void Release()
    {
        Interlocked.Exchange(ref _allowance, long.MaxValue);
        _released.TrySetResult();
    }

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
        Release();
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
                _ = CarryAsync(near, far);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(Stream near, Stream far)
    {
        Interlocked.Increment(ref _connections);
        await Task.WhenAll(CopyAsync(near, far, GateAsync), CopyAsync(far, near, _ => Task.CompletedTask));
        Interlocked.Decrement(ref _connections);
    }

    private async Task GateAsync(int count)
    {
        if (Interlocked.Add(ref _allowance, -count) > 0)
            return;
        _held.TrySetResult();
        await _released.Task;
    }

    private static async Task CopyAsync(Stream from, Stream to, Func<int, Task> gate)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            {
                await gate(count);
                await to.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One side is cut.
        }
        await to.DisposeAsync();
    }
}
