using System.Collections.Immutable;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Kubernetes.PodExec;

/// <summary>
/// The standard input and output of a process in a container: each message of the WebSocket begins with its channel's number, 0 to 3 for
/// input, output, errors and the status at the end (<c>v4.channel.k8s.io</c>); since <c>v5.channel.k8s.io</c> (Kubernetes 1.30) number 255
/// closes a channel. The process ends with the connection.
/// </summary>
internal sealed class PodExecStream(ClientWebSocket socket) : ConnectionStream, IEndsWriting
{
    private const string ClosingProtocol = "v5.channel.k8s.io";
    private const byte InputChannel = 0, OutputChannel = 1, ErrorChannel = 2, StatusChannel = 3, CloseChannel = 255;
    private const int MessageSize = 32 * 1024;
    private const int MostText = 4096;

    /// <summary>What to offer to the server, the best first.</summary>
    public static readonly ImmutableArray<string> Protocols = [ClosingProtocol, "v4.channel.k8s.io"];

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

    /// <summary>Hears what the process writes to its standard error, as it comes.</summary>
    public Action<ReadOnlyMemory<byte>>? Errors { get; init; }

    /// <summary>How it ended, in the words of the node; empty when it ended well, or is not known.</summary>
    public string Failure => Status is { } status && (string?)status["status"] != "Success" ? (string?)status["message"] ?? "" : "";

    /// <summary>The exit code; null when the process did not come to its end, or none began.</summary>
    public int? ExitCode
    {
        get
        {
            if (Status is not { } status)
                return null;
            if ((string?)status["status"] == "Success")
                return 0;
            string? code = (status["details"]?["causes"] as JsonArray)?.OfType<JsonObject>().Where(c => (string?)c["reason"] == "ExitCode").Select(c => (string?)c["message"]).FirstOrDefault();
            return int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
        }
    }

    /// <summary>The Status object at the end, or null.</summary>
    private JsonObject? Status
    {
        get
        {
            try
            {
                return JsonNode.Parse(_status.ToString()) as JsonObject;
            }
            catch (System.Text.Json.JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>The process sees the end of its input. Servers before 1.30 have no word for it: there the process has to know by what it read.</summary>
    public async ValueTask EndWritingAsync()
    {
        if (socket.SubProtocol == ClosingProtocol)
            await SendAsync(new byte[] { CloseChannel, InputChannel }, CancellationToken.None).ConfigureAwait(false);
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
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, MessageSize);
            _sending[0] = InputChannel;
            buffer[..count].CopyTo(_sending.AsMemory(1));
            await SendAsync(_sending.AsMemory(0, count + 1), cancellationToken).ConfigureAwait(false);
            buffer = buffer[count..];
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
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
            case ErrorChannel:
                Errors?.Invoke(bytes);
                if (_errors.Length < MostText)
                    _errors.Append(Encoding.UTF8.GetString(bytes.Span));
                break;
            case StatusChannel when _status.Length < MostText:
                _status.Append(Encoding.UTF8.GetString(bytes.Span));
                break;
        }
    }
}
