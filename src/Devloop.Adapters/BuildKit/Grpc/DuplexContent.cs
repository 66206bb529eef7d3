using System.Net;
using System.Net.Http.Headers;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>A request body that stays open until <see cref="Complete"/>, as a bidirectional call needs it.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DuplexContent() => Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

    public Task<Stream> Opened => _opened.Task;
    public void Complete() => _done.TrySetResult();
    public void Fail(Exception e)
    {
        _opened.TrySetException(e);
        _ = _opened.Task.Exception; // observed
        _done.TrySetResult();
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false); // sends HEADERS now
        _opened.TrySetResult(stream);
        await _done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
