using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>
/// gRPC message framing: one byte "compressed" flag (always 0 here), four bytes big-endian
/// length, then the protobuf bytes. The frames ignore HTTP/2 DATA frame borders.
/// </summary>
internal static class GrpcFrame
{
    public const int PrefixLength = 5;

    public static void Write(IBufferWriter<byte> writer, IMessage message)
    {
        int size = message.CalculateSize();
        WritePrefix(writer, size);
        message.WriteTo(writer);
    }

    public static void WritePrefix(IBufferWriter<byte> writer, int size)
    {
        Span<byte> prefix = writer.GetSpan(PrefixLength);
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], size);
        writer.Advance(PrefixLength);
    }

    public static byte[] ToArray(IMessage message)
    {
        int size = message.CalculateSize();
        byte[] frame = new byte[PrefixLength + size];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), size);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    /// <summary>Takes one whole frame off the front of <paramref name="buffer"/>.</summary>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < PrefixLength)
            return false;

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] != 0)
            throw new GrpcException(GrpcCode.Unimplemented, "compressed gRPC message");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (buffer.Length < PrefixLength + (long)length)
            return false;

        payload = buffer.Slice(PrefixLength, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    /// <summary>Reads the next message, or null at the end of the stream.</summary>
    public static async ValueTask<T?> ReadAsync<T>(PipeReader reader, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (TryRead(ref buffer, out ReadOnlySequence<byte> payload))
            {
                T message = parser.ParseFrom(payload);
                reader.AdvanceTo(buffer.Start);
                return message;
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                if (buffer.Length > 0)
                    throw new GrpcException(GrpcCode.Internal, "stream ended inside a message");
                return null;
            }
        }
    }
}
