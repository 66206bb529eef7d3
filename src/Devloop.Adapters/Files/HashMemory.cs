using System.Buffers;
using System.Security.Cryptography;
using Devloop.Model;
using Microsoft.Win32.SafeHandles;

namespace Devloop.Adapters.Files;

/// <summary>A file's hash with the status that it was read under.</summary>
internal readonly record struct HashedFile(FileStatus Status, ContentHash Hash);

/// <summary>
/// Hashes the files of a context and remembers the hash as long as size, times, inode and device stay. A file that was changed so shortly
/// before it was read that a second change could carry the same time is racy: it is read again the next time.
/// </summary>
/// <param name="root">The context's directory.</param>
/// <param name="store">Where many hashes outlive the process; null: nowhere.</param>
internal sealed class HashMemory(string root, TimeProvider time, HashStore? store) : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;
    private const int Tries = 3;
    private const long Millisecond = 1_000_000;

    /// <summary>So much read anew is written down at once, not at the end only.</summary>
    private const int ManyFiles = 1000;
    private const long ManyBytes = 64 << 20;

    /// <summary>Of nothing: empty files need no reading.</summary>
    private static readonly ContentHash EmptyHash = ContentHash.Of([]);

    private readonly Lock _lock = new();
    private readonly HashTable _known = new();
    private Lazy<bool>? _recall;
    private Task _saving = Task.CompletedTask;
    private long _filesRead;
    private int _unsavedFiles;
    private long _unsavedBytes;

    public long FilesRead => Interlocked.Read(ref _filesRead);

    /// <summary>There are many files: fetches what the store remembers, the first time.</summary>
    public void Recall()
    {
        if (store is null)
            return;
        lock (_lock)
            _recall ??= new Lazy<bool>(() => Fetch(store));
        _ = _recall.Value;
    }

    /// <summary>The hash that a file had under this very status; null when it is not remembered.</summary>
    /// <param name="path">Relative to the context.</param>
    public ContentHash? Find(string path, FileStatus status)
    {
        if (status.Size == 0)
            return EmptyHash;
        HashKey key = HashKey.Of(path, status);
        lock (_lock)
            return _known.Find(key, Today);
    }

    /// <summary>Null when the file is gone or a file no more. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
    /// <param name="path">Relative to the context.</param>
    /// <param name="status">What was seen just now.</param>
    public HashedFile? Hash(string path, FileStatus status)
    {
        string full = Path.Combine(root, path);
        for (int attempt = 1; ; attempt++)
        {
            if (Find(path, status) is { } known)
                return new HashedFile(status, known);
            long before = Now();
            ContentHash hash;
            try
            {
                hash = Read(full);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            if (FileStatus.Of(full) is not { Kind: StatusKind.File } after)
                return null;
            if (after == status || attempt == Tries)
            {
                // A file that changes all the time is sent under the last hash; sending proves whether it still has it.
                if (after == status && !IsRacy(after, before))
                    Remember(HashKey.Of(path, after), hash, after.Size);
                return new HashedFile(after, hash);
            }
            status = after;
        }
    }

    /// <summary>Writes what was read anew to the store when it is much; others need not wait for it.</summary>
    public void SaveIfWorthIt()
    {
        lock (_lock)
        {
            if (_unsavedFiles >= ManyFiles || _unsavedBytes >= ManyBytes)
                Save();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_unsavedFiles > 0)
                Save();
        }
        await _saving.ConfigureAwait(false);
    }

    /// <summary>Only of contexts that are worth to be recalled; inside the lock.</summary>
    private void Save()
    {
        if (store is null || _recall is not { IsValueCreated: true })
            return;
        HashRecord[] records = _known.Records();
        (_unsavedFiles, _unsavedBytes) = (0, 0);
        _saving = _saving.ContinueWith(_ => store.Save(root, records), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private bool Fetch(HashStore from)
    {
        HashRecord[] records = from.Load(root);
        lock (_lock)
            _known.AddAll(records);
        return true;
    }

    private void Remember(HashKey key, ContentHash hash, long size)
    {
        lock (_lock)
        {
            _known.Add(new HashRecord(key, hash, Today));
            _unsavedFiles++;
            _unsavedBytes += size;
        }
    }

    /// <summary>Days since 1970.</summary>
    private int Today => (int)(Now() / (Millisecond * 86_400_000));

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

    private ContentHash Read(string full)
    {
        Interlocked.Increment(ref _filesRead);
        using SafeFileHandle handle = File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count = RandomAccess.Read(handle, buffer, 0);
            int more = count == 0 ? 0 : RandomAccess.Read(handle, buffer.AsSpan(count), count);
            if (more == 0 && count < buffer.Length)
                return ContentHash.Of(buffer.AsSpan(0, count));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(buffer, 0, count + more);
            long offset = count + more;
            while ((count = RandomAccess.Read(handle, buffer, offset)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                offset += count;
            }
            return new ContentHash(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
