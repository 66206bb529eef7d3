using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// A small file a key, which says the key, its digest and a checksum of both. A file comes into being whole, by a rename, so
/// crashes never leave half of one; what reads otherwise is a miss and is removed. Several devloops take turns to write.
/// </summary>
/// <param name="directory">Holds <c>&lt;first 2 digits of the key&gt;/&lt;the other 62&gt;</c>.</param>
/// <param name="tell">Is told in a few words what was found damaged.</param>
public sealed partial class KeyStore(string directory, TimeProvider time, Action<string>? tell = null) : IKeyStore
{
    private const string Format = "devloop-key-1";

    private static readonly CacheSweep Bounds = new(Unused: TimeSpan.FromDays(90), MostFiles: 20_000, MostBytes: 64 << 20);

    public KeyStore(string directory)
        : this(directory, TimeProvider.System)
    {
    }

    /// <summary>The user's store.</summary>
    public static KeyStore OfUser(Func<string, string?> environment, Action<string>? tell = null) =>
        new(Path.Combine(UserCache.Directory(environment), "keys"), TimeProvider.System, tell);

    public ImageDigest? Find(ContentKey key)
    {
        string path = PathOf(key);
        switch (Read(path, key))
        {
            case { IsMissing: true }:
                return null;
            case { Digest: { } digest }:
                CacheFile.NoteUse(path, time.GetUtcNow());
                return digest;
            default:
                tell?.Invoke($"the entry of key {key.Value[..8]} in the key store was damaged; it counts as missing");
                RemoveDamaged(path, key);
                return null;
        }
    }

    /// <inheritdoc/>
    /// <remarks>A store that cannot be written forgets; that costs a build and nothing else.</remarks>
    public ImageDigest Record(ContentKey key, ImageDigest digest, ImageDigest? replaces = null)
    {
        if (!Digest().IsMatch(digest.Value))
            throw new ArgumentException("a digest is sha256: and 64 hex digits", nameof(digest));
        string path = PathOf(key);
        try
        {
            using IDisposable turn = CacheLock.Take(directory);
            if (Read(path, key).Digest is { } first && first != replaces)
                return first;
            CacheFile.WriteWhole(path, file => file.Write(Encoding.ASCII.GetBytes($"{Format} {key} {digest} {Checksum(key.Value, digest.Value)}\n")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Forgotten.
        }
        return digest;
    }

    /// <summary>Takes out what was of no use for long, at most once a day.</summary>
    public void Sweep(CancellationToken cancellationToken) => Bounds.Run(directory, time.GetUtcNow(), cancellationToken);

    /// <summary>Unless another devloop has mended it since.</summary>
    private void RemoveDamaged(string path, ContentKey key)
    {
        try
        {
            using IDisposable turn = CacheLock.Take(directory);
            if (Read(path, key) is { IsMissing: false, Digest: null })
                CacheFile.DeleteQuietly(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays a miss.
        }
    }

    private static Entry Read(string path, ContentKey key)
    {
        try
        {
            string[] words = File.ReadAllText(path, Encoding.ASCII).TrimEnd('\n').Split(' ');
            return new Entry(IsMissing: false, words is [Format, var written, var digest, var checksum]
                && written == key.Value && Digest().IsMatch(digest) && checksum == Checksum(written, digest) ? new ImageDigest(digest) : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Entry(IsMissing: true, null);
        }
    }

    private string PathOf(ContentKey key) => Key().IsMatch(key.Value)
        ? Path.Combine(directory, key.Value[..2], key.Value[2..])
        : throw new ArgumentException("a key is 64 hex digits", nameof(key));

    private static string Checksum(string key, string digest) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{Format} {key} {digest}")))[..16];

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();

    /// <param name="Digest">Null when it is missing or damaged.</param>
    private readonly record struct Entry(bool IsMissing, ImageDigest? Digest);
}
