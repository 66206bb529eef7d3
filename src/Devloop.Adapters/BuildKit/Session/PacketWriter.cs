using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>
/// Writes the packets of one transfer from several tasks at once. Whoever writes while another waits to write leaves the flush
/// to that one, so that many small files share a flush.
/// </summary>
internal sealed class PacketWriter(PipeWriter output, UploadMeter? meter = null) : IDisposable
{
    private const int FlushAnyway = 128 * 1024;

    private readonly SemaphoreSlim _lock = new(1, 1);
    private int _waiting;

    public void Dispose() => _lock.Dispose();

    /// <summary>Sends whole frames.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            output.Write(frames.Span);
            await FlushUnlessOthersWaitAsync().ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    public async ValueTask SendAsync(Packet packet, CancellationToken cancellationToken) =>
        await SendAsync(GrpcFrame.ToArray(packet), cancellationToken).ConfigureAwait(false);

    /// <summary>Sends a piece of a file, and after the last one the mark of its end.</summary>
    public async ValueTask SendDataAsync(uint id, ReadOnlyMemory<byte> data, bool last, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (data.Length > 0)
                WriteData(id, data.Span);
            if (last)
                WriteData(id, default);
            await FlushUnlessOthersWaitAsync().ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
        meter?.Sent(data.Length, last);
    }

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _lock.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _waiting);
            throw;
        }
    }

    /// <summary>
    /// A flush is never cancelled: Kestrel resets the whole call when one is, and the packet that says why could not be sent any more. It
    /// ends by itself when the receiver reads on or hangs up.
    /// </summary>
    private async ValueTask FlushUnlessOthersWaitAsync()
    {
        if (Interlocked.Decrement(ref _waiting) == 0 || output.UnflushedBytes > FlushAnyway)
        {
            FlushResult result = await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            if (result.IsCompleted || result.IsCanceled)
                throw new OperationCanceledException("the receiver hung up");
        }
    }

    /// <summary><c>Packet { type = DATA; id; data }</c> without building a message object.</summary>
    private void WriteData(uint id, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[24];
        int at = GrpcFrame.PrefixLength;
        head[at++] = 0x08; // field 1, varint
        head[at++] = (byte)Packet.Types.PacketType.Data;
        head[at++] = 0x18; // field 3, varint
        at += Varint(head[at..], id);
        if (data.Length > 0)
        {
            head[at++] = 0x22; // field 4, bytes
            at += Varint(head[at..], (uint)data.Length);
        }
        head[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], at - GrpcFrame.PrefixLength + data.Length);
        output.Write(head[..at]);
        output.Write(data);
    }

    private static int Varint(Span<byte> to, uint value)
    {
        int n = 0;
        for (; value >= 0x80; value >>= 7)
            to[n++] = (byte)(value | 0x80);
        to[n++] = (byte)value;
        return n;
    }
}
