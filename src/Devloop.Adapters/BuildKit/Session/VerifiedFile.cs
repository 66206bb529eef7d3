using System.Buffers;
using System.Security.Cryptography;
using Devloop.Model;
using Microsoft.Win32.SafeHandles;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>A file is not what the snapshot says: the build that wanted it counts for nothing.</summary>
internal sealed class SnapshotBrokenException(string path, Exception? inner = null) : Exception("changed since it was hashed: " + path, inner)
{
    /// <summary>Relative to the context.</summary>
    public string Path { get; } = path;
}

/// <summary>Sends one file and proves on the way that it is the one that was hashed.</summary>
internal static class VerifiedFile
{
    private const int ChunkSize = 64 * 1024; // grpc-go takes messages up to 4 MiB

    /// <summary>
    /// Sends a file's content. The mark of its end goes out only when size and hash are those of the snapshot.
    /// Throws <see cref="SnapshotBrokenException"/> otherwise, also when the file is gone or cannot be read any more.
    /// </summary>
    public static async Task SendAsync(PacketWriter packets, uint id, SourceEntry entry, string? root, CancellationToken cancellationToken)
    {
        if (entry.Content is { } content)
        {
            for (; content.Length > ChunkSize; content = content[ChunkSize..])
                await packets.SendDataAsync(id, content[..ChunkSize], last: false, cancellationToken).ConfigureAwait(false);
            await packets.SendDataAsync(id, content, last: true, cancellationToken).ConfigureAwait(false);
            return;
        }

        string path = System.IO.Path.Combine(root ?? throw new SnapshotBrokenException(entry.Path), entry.Path);
        try
        {
            RequireSameShape(path, entry);
            // An empty file is not opened: a pipe has no size either, and opening it would wait for a writer.
            if (entry.Size > 0)
                await SendContentAsync(packets, id, entry, path, cancellationToken).ConfigureAwait(false);
            else
                await packets.SendDataAsync(id, default, last: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or FileReadException)
        {
            throw new SnapshotBrokenException(entry.Path, e);
        }
    }

    private static void RequireSameShape(string path, SourceEntry entry)
    {
        var info = new FileInfo(path);
        bool same = info.Exists && (info.Attributes & FileAttributes.ReparsePoint) == 0 && info.Length == entry.Size;
        if (!same)
            throw new SnapshotBrokenException(entry.Path);
    }

    private static async Task SendContentAsync(PacketWriter packets, uint id, SourceEntry entry, string path, CancellationToken cancellationToken)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            for (long offset = 0; ;)
            {
                int count = Read(handle, buffer.AsSpan(0, ChunkSize), offset);
                if (count == 0)
                    throw new SnapshotBrokenException(entry.Path); // it shrank
                offset += count;
                hash.AppendData(buffer, 0, count);
                bool last = offset >= entry.Size;
                if (last)
                    RequireSameContent(handle, entry, offset, hash);
                await packets.SendDataAsync(id, buffer.AsMemory(0, count), last, cancellationToken).ConfigureAwait(false);
                if (last)
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void RequireSameContent(SafeFileHandle handle, SourceEntry entry, long read, IncrementalHash hash)
    {
        Span<byte> more = stackalloc byte[1];
        bool same = read == entry.Size
            && Read(handle, more, read) == 0
            && new ContentHash(hash.GetHashAndReset()) == entry.Hash;
        if (!same)
            throw new SnapshotBrokenException(entry.Path);
    }

    /// <summary>Tells failures of the disk from those of the connection, which are IOExceptions too.</summary>
    private static int Read(SafeFileHandle handle, Span<byte> to, long offset)
    {
        try
        {
            return RandomAccess.Read(handle, to, offset);
        }
        catch (IOException e)
        {
            throw new FileReadException(e);
        }
    }

    private sealed class FileReadException(Exception inner) : Exception("the file cannot be read", inner);
}
