using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>
/// Makes one bidirectional gRPC call of <c>message { bytes data = 1; }</c> look like a socket.
/// Control.Session is such a call: the bytes inside it are an HTTP/2 connection in which this
/// side is the server.
/// </summary>
internal sealed class GrpcByteStream : ConnectionStream
{
    private const int MaxChunk = 256 * 1024; // far below the 4 MiB message limit of grpc-go
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private const byte DataTag = 0x0A;       // field 1, length-delimited

    private readonly DuplexContent _request;
    private readonly Task<HttpResponseMessage> _response;
    private readonly SemaphoreSlim _writeLock = new(1, 1);
    private byte[] _outgoing = new byte[32 * 1024];
    private PipeReader? _body;
    private int _left; // bytes of the current message's data not handed out yet
    private int _disposed;

    public GrpcByteStream(DuplexContent request, Task<HttpResponseMessage> response)
    {
        _request = request;
        _response = response;
        // A call that fails before its body opens must not leave a writer waiting for ever.
        _ = response.ContinueWith(t => _request.Fail(t.Exception?.GetBaseException() ?? new IOException("session call was cancelled")),
            CancellationToken.None,
            TaskContinuationOptions.NotOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until the request headers are out, so that a broken connection shows early.</summary>
    public Task OpenedAsync(CancellationToken cancellationToken) => _request.Opened.WaitAsync(cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_body is null)
        {
            HttpResponseMessage response = await _response.WaitAsync(cancellationToken).ConfigureAwait(false);
            GrpcChannel.ThrowIfNotGrpc(response);
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            _body = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        }

        while (true)
        {
            ReadResult result = await _body.ReadAsync(cancellationToken).ConfigureAwait(false);
            int copied = Take(result.Buffer, buffer.Span, out SequencePosition consumed);
            _body.AdvanceTo(consumed, copied > 0 ? consumed : result.Buffer.End);
            if (copied > 0)
                return copied;
            if (result.IsCompleted)
            {
                if (GrpcException.FromResponse(await _response.ConfigureAwait(false)) is { } error)
                    throw new IOException("session call ended: " + error.Message, error);
                return 0;
            }
        }
    }

    /// <summary>Strips message heads and copies as much data as is there and fits.</summary>
    private int Take(ReadOnlySequence<byte> from, Span<byte> to, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(from);
        consumed = from.Start;
        int copied = 0;
        while (copied < to.Length)
        {
            if (_left == 0 && !TryReadHead(ref reader, out _left))
                break;
            int n = (int)Math.Min(Math.Min(_left, to.Length - copied), reader.Remaining);
            reader.TryCopyTo(to.Slice(copied, n));
            reader.Advance(n);
            _left -= n;
            copied += n;
            consumed = reader.Position;
            if (n == 0 && reader.End)
                break;
        }
        return copied;
    }

    private static bool TryReadHead(ref SequenceReader<byte> reader, out int dataLength)
    {
        dataLength = 0;
        SequenceReader<byte> at = reader;
        if (!at.TryRead(out _) || !at.TryReadBigEndian(out int size))
            return false;
        if (size > 0)
        {
            long before = at.Consumed;
            if (!at.TryRead(out byte tag))
                return false;
            if (tag != DataTag)
                throw new InvalidDataException($"unexpected field tag {tag:x2} in a bytes message");
            int shift = 0;
            byte next;
            do
            {
                if (!at.TryRead(out next))
                    return false;
                dataLength |= (next & 0x7F) << shift;
                shift += 7;
            } while ((next & 0x80) != 0);
            if (at.Consumed - before + dataLength != size)
                throw new InvalidDataException("a bytes message has more than one field");
        }
        reader = at;
        return true;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Stream stream = await _request.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _writeLock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (buffer.Length > 0)
            {
                ReadOnlyMemory<byte> chunk = buffer[..Math.Min(buffer.Length, MaxChunk)];
                buffer = buffer[chunk.Length..];
                int length = Encode(chunk.Span);
                await stream.WriteAsync(_outgoing.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            }
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writeLock.Release();
        }
    }

    private int Encode(ReadOnlySpan<byte> data)
    {
        const int maxHead = GrpcFrame.PrefixLength + 1 + 5;
        if (_outgoing.Length < data.Length + maxHead)
            _outgoing = new byte[data.Length + maxHead];
        Span<byte> to = _outgoing;
        int at = GrpcFrame.PrefixLength;
        to[at++] = DataTag;
        uint rest = (uint)data.Length;
        while (rest >= 0x80)
        {
            to[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        to[at++] = (byte)rest;
        data.CopyTo(to[at..]);
        at += data.Length;
        to[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(to[1..], at - GrpcFrame.PrefixLength);
        return at;
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _request.Complete(); // half-close: END_STREAM
            try
            {
                (await _response.WaitAsync(Patience).ConfigureAwait(false)).Dispose();
            }
            catch (Exception)
            {
                // The other side may be gone already.
            }
        }
        GC.SuppressFinalize(this);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
