namespace Devloop.Session.Live;

/// <summary>Reads pieces as one stream, each of which is made only when it is needed.</summary>
internal sealed class PieceStream(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) : ReadingStream
{
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> _pieces = pieces.GetAsyncEnumerator();
    private ReadOnlyMemory<byte> _unread;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_unread.IsEmpty)
        {
            if (!await _pieces.MoveNextAsync().ConfigureAwait(false))
                return 0;
            _unread = _pieces.Current;
        }
        int count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await _pieces.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
