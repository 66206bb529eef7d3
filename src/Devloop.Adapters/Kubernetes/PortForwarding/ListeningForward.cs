using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>Accepts connections and owns them until they end or it is disposed.</summary>
internal sealed class ListeningForward : IPortForward
{
    private static readonly TimeSpan AcceptWait = TimeSpan.FromMilliseconds(20);

    private readonly ImmutableArray<TcpListener> _listeners;
    private readonly PodDialer _dialer;
    private readonly Action<ForwardHealth> _hear;
    private readonly TimeProvider _time;
    private readonly TargetCell _target = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<long, Task> _connections = new();
    private readonly ImmutableArray<Task> _accepting;
    private long _lastConnection;
    private int _isDisposed;

    public ListeningForward(ImmutableArray<TcpListener> listeners, PodDialer dialer, Action<ForwardHealth> hear, TimeProvider time)
    {
        _listeners = listeners;
        _dialer = dialer;
        _hear = hear;
        _time = time;
        _accepting = [.. listeners.Select(AcceptAsync)];
    }

    public void PointAt(ForwardTarget? target) => _target.Set(target);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (TcpListener listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_accepting).ConfigureAwait(false);
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
            {
                return; // stopped; a listener that is stopped between two accepts says that it does not listen
            }
            catch (SocketException)
            {
                // The client left before it was accepted, or the process is out of descriptors for a while.
                await Task.Delay(AcceptWait, _time, CancellationToken.None).ConfigureAwait(false);
                continue;
            }
            long id = Interlocked.Increment(ref _lastConnection);
            Task connection = CarryAsync(client, _stop.Token);
            _connections[id] = connection;
            _ = connection.ContinueWith(_ => _connections.TryRemove(id, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task CarryAsync(Socket client, CancellationToken stop)
    {
        await Task.Yield();
        using var connection = new ForwardedConnection(client, _dialer, _target, new ConnectionHealth(_hear, _time), _time);
        try
        {
            await connection.RunAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // One side has gone or the forward is over; the client sees its connection end.
        }
    }
}
