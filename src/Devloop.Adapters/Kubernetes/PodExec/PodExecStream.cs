using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Kubernetes.PodExec;

/// <summary>
/// The standard input and output of a process in a container: each message of the WebSocket begins with its channel's number, 0 to 3 for
/// input, output, errors and the status at the end (<c>v4.channel.k8s.io</c>). The process ends with the connection.
/// </summary>
internal sealed class PodExecStream(ClientWebSocket socket) : ConnectionStream
{
    private const byte InputChannel = 0, OutputChannel = 1, ErrorChannel = 2, StatusChannel = 3;
    private const int MessageSize = 32 * 1024;
    private const int MostText = 4096;

    private readonly byte[] _sending = new byte[MessageSize + 1];
    private readonly byte[] _receiving = new byte[MessageSize + 1];
    private readonly StringBuilder _errors = new(), _status = new();
    private ReadOnlyMemory<byte> _unread;
    private byte _channel;
    private bool _isMessageStart = true;
    private bool _ended;
    private int _isDisposed;

    /// <summary>The last line that the process wrote to its standard error; empty when none.</summary>
    public string LastError => _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "";

    /// <summary>How it ended, in the words of the node; empty when it ended well, or is not known.</summary>
    public string Failure
    {
        get
        {
            try
            {
                return JsonNode.Parse(_status.ToString()) is JsonObject status && (string?)status["status"] != "Success" ? (string?)status["message"] ?? "" : "";
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
            {
                return "";
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty && !_ended)
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        int count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int count = Math.Min(buffer.Length, MessageSize);
                _sending[0] = InputChannel;
                buffer[..count].CopyTo(_sending.AsMemory(1));
                await socket.SendAsync(_sending.AsMemory(0, count + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
                buffer = buffer[count..];
            }
        }
        catch (WebSocketException e)
        {
            throw new IOException("the connection to the pod broke", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
            socket.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult result;
        try
        {
            result = await socket.ReceiveAsync(_receiving.AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException)
        {
            // Kubelets end the connection with or without a close message.
            _ended = true;
            return;
        }
        if (result.MessageType == WebSocketMessageType.Close)
        {
            _ended = true;
            return;
        }
        ReadOnlyMemory<byte> bytes = _receiving.AsMemory(0, result.Count);
        if (_isMessageStart && !bytes.IsEmpty)
        {
            _channel = bytes.Span[0];
            bytes = bytes[1..];
        }
        _isMessageStart = result.EndOfMessage;
        switch (_channel)
        {
            case OutputChannel:
                _unread = bytes;
                break;
            case ErrorChannel when _errors.Length < MostText:
                _errors.Append(Encoding.UTF8.GetString(bytes.Span));
                break;
            case StatusChannel when _status.Length < MostText:
                _status.Append(Encoding.UTF8.GetString(bytes.Span));
                break;
        }
    }
}
