using System.Collections.Immutable;
using System.Security.Cryptography;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>A file is not what was hashed.</summary>
internal sealed class ObsoleteFileException(string source) : Exception("a file changed while it was sent")
{
    /// <summary>Absolute.</summary>
    public string File { get; } = source;
}

/// <summary>
/// What a container is to have, as a tar archive that is made while it is read: however large a file is, only pieces of it are in memory.
/// What was hashed is what is sent: of a file whose content is another one the last piece is held back, so that no reader takes it for whole.
/// </summary>
internal sealed class UpdateArchive(ImmutableArray<OverlayEntry> entries, IArchiveHeaders headers, ISourceFiles sources)
{
    private const int PieceBytes = 128 * 1024;

    /// <summary>The size of the whole archive in bytes.</summary>
    public long Size => headers.First(entries).Length + entries.Sum(e => headers.Before(e).Length + (e is OverlayEntry.File file ? file.Size + Missing(file.Size) : 0)) + TarFormat.EndBytes;

    /// <summary>Reading throws <see cref="ObsoleteFileException"/>.</summary>
    public Stream Open() => new PieceStream(PiecesAsync());

    /// <summary>A piece is good until the next one is asked for.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync()
    {
        // Small things are gathered: a thousand files are not two thousand writes.
        var gathered = new MemoryStream(PieceBytes);
        gathered.Write(headers.First(entries));
        foreach (OverlayEntry entry in entries)
        {
            gathered.Write(headers.Before(entry));
            if (entry is OverlayEntry.File file)
            {
                if (file.Size > PieceBytes)
                {
                    yield return Taken(gathered);
                    await foreach (ReadOnlyMemory<byte> piece in LargeAsync(file).ConfigureAwait(false))
                        yield return piece;
                }
                else
                {
                    gathered.Write(Small(file));
                }
                gathered.Write(new byte[Missing(file.Size)]);
            }
            if (gathered.Length >= PieceBytes)
                yield return Taken(gathered);
        }
        gathered.Write(new byte[TarFormat.EndBytes]);
        yield return Taken(gathered);
    }

    private byte[] Small(OverlayEntry.File file)
    {
        byte[] content = new byte[file.Size];
        try
        {
            using Stream? stream = sources.Open(file.Source);
            if (stream is not null && stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length && stream.ReadByte() < 0 && ContentHash.Of(content) == file.Hash)
                return content;
        }
        catch (IOException)
        {
            // As one that is not there.
        }
        throw new ObsoleteFileException(file.Source);
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> LargeAsync(OverlayEntry.File file)
    {
        await using Stream stream = sources.Open(file.Source) ?? throw new ObsoleteFileException(file.Source);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[PieceBytes];
        for (long left = file.Size; left > 0;)
        {
            int wanted = (int)Math.Min(left, buffer.Length);
            if (await ReadAsync(stream, buffer.AsMemory(0, wanted)).ConfigureAwait(false) < wanted)
                throw new ObsoleteFileException(file.Source);
            hash.AppendData(buffer, 0, wanted);
            left -= wanted;
            if (left == 0 && (new ContentHash(hash.GetCurrentHash()) != file.Hash || await ReadAsync(stream, new byte[1]).ConfigureAwait(false) > 0))
                throw new ObsoleteFileException(file.Source);
            yield return buffer.AsMemory(0, wanted);
        }
    }

    private static async Task<int> ReadAsync(Stream stream, Memory<byte> into)
    {
        try
        {
            return await stream.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static ReadOnlyMemory<byte> Taken(MemoryStream gathered)
    {
        ReadOnlyMemory<byte> piece = gathered.GetBuffer().AsMemory(0, (int)gathered.Length);
        gathered.SetLength(0);
        return piece;
    }

    /// <summary>Bytes up to a whole block.</summary>
    private static long Missing(long size) => (TarFormat.Block - size % TarFormat.Block) % TarFormat.Block;
}
