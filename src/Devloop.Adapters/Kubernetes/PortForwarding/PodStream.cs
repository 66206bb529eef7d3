using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>
/// The two channels of one forwarded port: each message begins with the channel's number, 0 for data and 1 for errors, and the first
/// message of each channel holds the port's number in two bytes. The protocol cannot say that one direction has ended.
/// </summary>
internal sealed class PodStream(ClientWebSocket socket) : IDisposable
{
    private const byte DataChannel = 0;
    private const byte ErrorChannel = 1;
    private const int PortBytes = 2;
    private const int MessageSize = 32 * 1024;
    private const int LongestError = 4096;

    private readonly byte[] _sending = ArrayPool<byte>.Shared.Rent(MessageSize + 1);
    private readonly byte[] _receiving = ArrayPool<byte>.Shared.Rent(MessageSize + 1);
    private readonly StringBuilder _error = new();
    private byte _channel;
    private bool _isMessageStart = true;
    private int _portBytesOfData = PortBytes;
    private int _portBytesOfErrors = PortBytes;

    /// <summary>What the kubelet said on the error channel; empty when nothing.</summary>
    public string Error => _error.ToString();

    /// <summary>Sends bytes to the pod; waits while the pod does not take them.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, MessageSize);
            _sending[0] = DataChannel;
            bytes[..count].CopyTo(_sending.AsMemory(1));
            await socket.SendAsync(_sending.AsMemory(0, count + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
            bytes = bytes[count..];
        }
    }

    /// <summary>The next bytes from the pod, good until the next call; empty at the end, after which <see cref="Error"/> is whole.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ValueWebSocketReceiveResult result;
            try
            {
                result = await socket.ReceiveAsync(_receiving.AsMemory(), cancellationToken).ConfigureAwait(false);
            }
            catch (WebSocketException)
            {
                // Kubelets end the connection with or without a close message.
                return ReadOnlyMemory<byte>.Empty;
            }
            if (result.MessageType == WebSocketMessageType.Close)
                return ReadOnlyMemory<byte>.Empty;
            ReadOnlyMemory<byte> bytes = Payload(_receiving.AsMemory(0, result.Count), result.EndOfMessage);
            if (!bytes.IsEmpty)
                return bytes;
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        ArrayPool<byte>.Shared.Return(_sending);
        ArrayPool<byte>.Shared.Return(_receiving);
    }

    /// <summary>Takes off the channel's number and the port's; keeps errors; gives data.</summary>
    private ReadOnlyMemory<byte> Payload(ReadOnlyMemory<byte> bytes, bool endOfMessage)
    {
        if (_isMessageStart && !bytes.IsEmpty)
        {
            _channel = bytes.Span[0];
            bytes = bytes[1..];
        }
        _isMessageStart = endOfMessage;
        switch (_channel)
        {
            case DataChannel:
                return Skip(bytes, ref _portBytesOfData);
            case ErrorChannel:
                ReadOnlyMemory<byte> text = Skip(bytes, ref _portBytesOfErrors);
                if (_error.Length < LongestError)
                    _error.Append(Encoding.UTF8.GetString(text.Span));
                return ReadOnlyMemory<byte>.Empty;
            default:
                return ReadOnlyMemory<byte>.Empty;
        }
    }

    private static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> bytes, ref int toSkip)
    {
        int skipped = Math.Min(toSkip, bytes.Length);
        toSkip -= skipped;
        return bytes[skipped..];
    }
}
