namespace Devloop.Adapters.Transport;

/// <summary>
/// A stream to a peer that says only by its first answer whether it takes the connection. Until something was read, a failure or an end is
/// turned into the reason for it.
/// </summary>
/// <param name="explain">Gives the reason for a failure, or for an end when there is none; null leaves it as it is.</param>
internal sealed class FirstAnswerStream(Stream inner, Func<Exception?, ValueTask<Exception?>> explain) : ConnectionStream, IEndsWriting
{
    private volatile bool _answered;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (!_answered)
        {
            throw await ReasonAsync(e).ConfigureAwait(false) ?? e;
        }
        if (count > 0)
            _answered = true;
        else if (!_answered && buffer.Length > 0 && await ReasonAsync(null).ConfigureAwait(false) is { } reason)
            throw reason;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (!_answered)
        {
            throw await ReasonAsync(e).ConfigureAwait(false) ?? e;
        }
    }

    public ValueTask EndWritingAsync() => HalfClose.EndWritingAsync(inner);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>HTTP clients pass on an <see cref="IOException"/> as what it is: a connection that failed.</summary>
    private async ValueTask<IOException?> ReasonAsync(Exception? failure) =>
        await explain(failure).ConfigureAwait(false) is { } reason ? new IOException(reason.Message, reason) : null;
}
