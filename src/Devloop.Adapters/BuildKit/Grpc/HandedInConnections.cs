using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>Stands for the address that a server without a socket does not have.</summary>
internal sealed class HandedInEndPoint : EndPoint
{
    public override string ToString() => "handed-in";
}

/// <summary>Gives Kestrel connections from a channel instead of a socket.</summary>
internal sealed class HandedInListenerFactory(ChannelReader<ConnectionContext> incoming) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new HandedInListener(endpoint, incoming));
}

internal sealed class HandedInListener(EndPoint endPoint, ChannelReader<ConnectionContext> incoming) : IConnectionListener
{
    private readonly CancellationTokenSource _unbound = new();

    public EndPoint EndPoint => endPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbound.Token);
            return await incoming.ReadAsync(both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            return null; // tells Kestrel that no more will come
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _unbound.Cancel();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}

/// <summary>A stream as a connection of Kestrel.</summary>
internal sealed class StreamConnection : DefaultConnectionContext
{
    private readonly Stream _stream;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamConnection(Stream stream) : base(Guid.NewGuid().ToString("N"))
    {
        _stream = stream;
        Transport = new Duplex(
            PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 64 * 1024, leaveOpen: true)));
        ConnectionClosed = _closed.Token;
    }

    public Task Ended => _ended.Task;

    public override void Abort(ConnectionAbortedException reason)
    {
        _closed.Cancel();
        Transport.Input.CancelPendingRead();
    }

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _closed.Cancel();
        _ended.TrySetResult();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;
        public PipeWriter Output => output;
    }
}
