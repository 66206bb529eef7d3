using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>
/// One client's connection, from its first byte to its last. While the pod does not answer yet, the client is held and the newest
/// target is tried again and again, so that a request sent during a rollout is answered by the new pod instead of being refused.
/// <para>
/// What the client has sent is kept until the stream is known to have reached a program in the pod, and is sent again on the next
/// stream when it has not. Known to have reached it: a byte came back, or <see cref="Quiet"/> passed without an error, which on this
/// protocol is the only sign of a refused connection. After a byte from the pod nothing is ever sent twice.
/// </para>
/// </summary>
internal sealed class ForwardedConnection(Socket client, PodDialer dialer, TargetCell target, ConnectionHealth health, TimeProvider time) : IDisposable
{
    /// <summary>What may be sent again; more is not taken from the client before the stream is known to stand.</summary>
    private const int ReplayLimit = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);
    private const int QuickTries = 25;

    /// <summary>
    /// After the client has ended its side. The protocol cannot pass that on, and a client that is gone looks the same as one that
    /// only waits for the rest of its answer: it is given this long after the pod's last byte.
    /// </summary>
    private static readonly TimeSpan LingerAfterClientEnd = TimeSpan.FromSeconds(30);

    private readonly byte[] _sent = ArrayPool<byte>.Shared.Rent(ReplayLimit);
    private int _sentCount;
    private bool _clientEnded;
    private CancellationTokenSource? _linger;

    /// <exception cref="OperationCanceledException">The forward is over.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        client.NoDelay = true;
        long start = time.GetTimestamp();
        for (int tries = 0; time.GetElapsedTime(start) < Patience; tries++)
        {
            (ForwardTarget? pod, Task changed) = target.Read();
            if (pod is not null && await TryAsync(pod, cancellationToken).ConfigureAwait(false))
            {
                await DrainAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            if (_clientEnded && _sentCount == 0)
                return;
            TimeSpan wait = pod is null || tries >= QuickTries ? LongestWait : FirstWait;
            await Task.WhenAny(changed, Task.Delay(wait, time, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        ArrayPool<byte>.Shared.Return(_sent);
    }

    /// <summary>True when the connection has had its day, false when it should be tried anew.</summary>
    private async Task<bool> TryAsync(ForwardTarget pod, CancellationToken cancellationToken)
    {
        PodStream stream;
        try
        {
            stream = await dialer.DialAsync(pod, cancellationToken).ConfigureAwait(false);
        }
        catch (PodDialException e)
        {
            if (e.IsFinal)
                health.NotAllowed(pod);
            else
                health.Failed(pod, ForwardFault.Unreachable, e.Said);
            return e.IsFinal;
        }
        using (stream)
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            _linger = end;
            var stands = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task up = UpAsync(stream, stands, end.Token);
            try
            {
                return await DownAsync(pod, stream, stands, end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return true;
            }
            finally
            {
                await end.CancelAsync().ConfigureAwait(false);
                await up.ConfigureAwait(false);
            }
        }
    }

    /// <summary>From the pod to the client, until the pod ends.</summary>
    private async Task<bool> DownAsync(ForwardTarget pod, PodStream stream, TaskCompletionSource stands, CancellationToken cancellationToken)
    {
        bool hasAnswered = false;
        while (true)
        {
            ReadOnlyMemory<byte> bytes = await stream.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (bytes.IsEmpty)
                break;
            stands.TrySetResult();
            if (!hasAnswered)
                health.Answered(pod);
            hasAnswered = true;
            if (_clientEnded)
                _linger!.CancelAfter(LingerAfterClientEnd);
            for (int sent = 0; sent < bytes.Length;)
                sent += await client.SendAsync(bytes[sent..], SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        bool isRefused = stream.Error.Length > 0 && !hasAnswered && !HadStood(stream.Error);
        bool isNotYet = isRefused && !stands.Task.IsCompleted;
        if (isRefused)
            health.Failed(pod, stream.Error.Contains("refused", StringComparison.OrdinalIgnoreCase) ? ForwardFault.NothingListens : ForwardFault.Unreachable, stream.Error, isLast: !isNotYet);
        if (!isNotYet)
            client.Shutdown(SocketShutdown.Send);
        return !isNotYet;
    }

    /// <summary>From the client to the pod. Ends quietly: what ends the connection is seen by the other direction.</summary>
    private async Task UpAsync(PodStream stream, TaskCompletionSource stands, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReplayLimit);
        try
        {
            await stream.SendAsync(_sent.AsMemory(0, _sentCount), cancellationToken).ConfigureAwait(false);
            while (!_clientEnded)
            {
                bool isKept = !stands.Task.IsCompleted && _sentCount < ReplayLimit;
                if (!isKept)
                    await StandsAsync(stands, cancellationToken).ConfigureAwait(false);
                Memory<byte> space = isKept ? _sent.AsMemory(_sentCount, ReplayLimit - _sentCount) : buffer;
                int count = await client.ReceiveAsync(space, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                if (isKept)
                    _sentCount += count;
                if (count > 0)
                    await stream.SendAsync(space[..count], cancellationToken).ConfigureAwait(false);
                _clientEnded = count == 0;
            }
            _linger!.CancelAfter(LingerAfterClientEnd);
        }
        catch (SocketException)
        {
            // A reset: nobody waits for an answer any more.
            _clientEnded = true;
            _sentCount = 0;
            await _linger!.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or InvalidOperationException or ObjectDisposedException)
        {
            // The stream has ended; DownAsync decides what that means.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Waits until the stream is known to stand, or takes it to stand after a quiet time; from then on there is no second try.</summary>
    private async Task StandsAsync(TaskCompletionSource stands, CancellationToken cancellationToken)
    {
        await Task.WhenAny(stands.Task, Task.Delay(Quiet, time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        stands.TrySetResult();
    }

    /// <summary>Takes what the client still sends, since closing on unread bytes resets the connection and may cost it the end of its answer.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(DrainPatience);
        try
        {
            while (!_clientEnded)
                _clientEnded = await client.ReceiveAsync(_sent.AsMemory(), SocketFlags.None, patience.Token).ConfigureAwait(false) == 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The client keeps its side open; it has all it will get.
        }
    }

    /// <summary>An error that can only come from a connection that had stood: a program may have acted on what it read.</summary>
    private static bool HadStood(string error) =>
        error.Contains("reset by peer", StringComparison.OrdinalIgnoreCase) || error.Contains("broken pipe", StringComparison.OrdinalIgnoreCase);
}
