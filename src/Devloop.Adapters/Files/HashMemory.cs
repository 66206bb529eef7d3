using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Devloop.Adapters.Files;

/// <summary>A file's hash with the status that it was read under.</summary>
internal readonly record struct HashedFile(FileStatus Status, string Hash);

/// <summary>
/// Hashes files and remembers the hash as long as size, times, inode and device stay. A file that was changed so shortly before it
/// was read that a second change could carry the same time is racy: it is read again the next time.
/// </summary>
internal sealed class HashMemory(TimeProvider time)
{
    private const int BufferSize = 128 * 1024;
    private const int Tries = 3;
    private const long Millisecond = 1_000_000;

    /// <summary>SHA-256 of nothing: empty files need no reading.</summary>
    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    private readonly ConcurrentDictionary<string, HashedFile> _known = new(StringComparer.Ordinal);
    private long _filesRead;

    public long FilesRead => Interlocked.Read(ref _filesRead);

    /// <summary>Null when the file is gone or a file no more. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="status">What was seen just now.</param>
    public HashedFile? Hash(string path, FileStatus status)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (status.Size == 0)
                return new HashedFile(status, EmptyHash);
            if (_known.TryGetValue(path, out HashedFile known) && known.Status == status)
                return known;
            long before = Now();
            string hash;
            try
            {
                hash = Read(path);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            if (FileStatus.Of(path) is not { Kind: StatusKind.File } after)
                return null;
            if (after == status || attempt == Tries)
            {
                // A file that changes all the time is sent under the last hash; sending proves whether it still has it.
                var hashed = new HashedFile(after, hash);
                if (after == status && !IsRacy(after, before))
                    _known[path] = hashed;
                else
                    _known.TryRemove(path, out _);
                return hashed;
            }
            status = after;
        }
    }

    /// <summary>
    /// File systems that show fractions of a millisecond stamp with the kernel's clock, which ticks every 10 ms at most; others
    /// may have steps of 2 s, as FAT has.
    /// </summary>
    private static bool IsRacy(FileStatus status, long readAt)
    {
        long granularity = status.Changed % Millisecond != 0 ? 20 * Millisecond : 2_100 * Millisecond;
        return readAt - status.Changed <= granularity;
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private string Read(string path)
    {
        Interlocked.Increment(ref _filesRead);
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long offset = 0;
            int count;
            while ((count = RandomAccess.Read(handle, buffer, offset)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                offset += count;
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
