using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Devloop.Adapters.Files;

/// <summary>
/// Remembered hashes of large contexts on disk: a file a context, its name a hash of the context's path. A file comes into being whole, by a
/// rename, and ends with a checksum of all of it; what reads otherwise is removed and counts as empty. When several devloops write, what
/// both know is kept.
/// </summary>
/// <param name="tell">Is told in a few words what was found damaged.</param>
public sealed class HashStore(string directory, TimeProvider time, Action<string>? tell = null)
{
    /// <summary>Counts up when the meaning of a record changes. In the byte order of the machine, so that one of the other order is none of ours.</summary>
    private const ulong Format = 0x01_4853_4148_4C44; // DLHASH, version 1
    private const int HeadSize = 16;
    private const int ChunkRecords = 4096;

    private static readonly CacheSweep Bounds = new(Unused: TimeSpan.FromDays(30), MostFiles: 1000, MostBytes: 512 << 20);

    /// <summary>The user's store.</summary>
    public static HashStore OfUser(Func<string, string?> environment, Action<string>? tell = null) =>
        new(Path.Combine(UserCache.Directory(environment), "hashes"), TimeProvider.System, tell);

    /// <summary>Nothing when there is none, or none that can be read.</summary>
    internal HashRecord[] Load(string context)
    {
        string path = PathOf(context);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (ReadWhole(file) is { } records)
            {
                CacheFile.NoteUse(path, time.GetUtcNow());
                return records;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
        tell?.Invoke("the remembered hashes of a context were damaged; its files are read again");
        CacheFile.DeleteQuietly(path);
        return [];
    }

    /// <summary>A store that cannot be written forgets; that costs a reading and nothing else.</summary>
    internal void Save(string context, HashRecord[] records)
    {
        string path = PathOf(context);
        var table = new HashTable();
        table.AddAll(records);
        try
        {
            using IDisposable turn = CacheLock.Take(directory);
            // Another devloop may have learned of other files meanwhile.
            table.AddAll(Load(context));
            CacheFile.WriteWhole(path, file => WriteWhole(file, table.Records()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Forgotten.
        }
    }

    /// <summary>Takes out what was of no use for long, at most once a day.</summary>
    public void Sweep(CancellationToken cancellationToken) => Bounds.Run(directory, time.GetUtcNow(), cancellationToken);

    private static HashRecord[]? ReadWhole(FileStream file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[HeadSize];
        if (file.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false) < HeadSize || MemoryMarshal.Read<ulong>(head) != Format)
            return null;
        long count = MemoryMarshal.Read<long>(head[8..]);
        int size = Marshal.SizeOf<HashRecord>();
        if (count is < 0 or > HashTable.MostRecords || file.Length != HeadSize + (count * size) + SHA256.HashSizeInBytes)
            return null;
        hash.AppendData(head);
        var records = new HashRecord[count];
        for (int at = 0; at < records.Length; at += ChunkRecords)
        {
            Span<byte> chunk = MemoryMarshal.AsBytes(records.AsSpan(at, Math.Min(ChunkRecords, records.Length - at)));
            if (file.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) < chunk.Length)
                return null;
            hash.AppendData(chunk);
        }
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        return file.ReadAtLeast(checksum, checksum.Length, throwOnEndOfStream: false) == checksum.Length && checksum.SequenceEqual(hash.GetHashAndReset()) ? records : null;
    }

    private static void WriteWhole(FileStream file, HashRecord[] records)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[HeadSize];
        MemoryMarshal.Write(head, Format);
        MemoryMarshal.Write(head[8..], (long)records.Length);
        Write(file, hash, head);
        for (int at = 0; at < records.Length; at += ChunkRecords)
            Write(file, hash, MemoryMarshal.AsBytes(records.AsSpan(at, Math.Min(ChunkRecords, records.Length - at))));
        file.Write(hash.GetHashAndReset());
    }

    private static void Write(FileStream file, IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        file.Write(bytes);
    }

    private string PathOf(string context) => Path.Combine(directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context)))[..32]);
}
