using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// A small file a key, which says the key, its digest and a checksum of both. A file comes into being whole, by a rename, so
/// crashes and several devloops at once never leave half of one; what reads otherwise is a miss.
/// </summary>
/// <param name="directory">Holds <c>&lt;first 2 digits of the key&gt;/&lt;the other 62&gt;</c>.</param>
public sealed partial class KeyStore(string directory) : IKeyStore
{
    private const string Format = "devloop-key-1";

    /// <summary>The user's store.</summary>
    public static KeyStore OfUser(Func<string, string?> environment) => new(Path.Combine(UserCache.Directory(environment), "keys"));

    public ImageDigest? Find(ContentKey key)
    {
        string[] words;
        try
        {
            words = File.ReadAllText(PathOf(key), Encoding.ASCII).TrimEnd('\n').Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        return words is [Format, var written, var digest, var checksum]
            && written == key.Value && Digest().IsMatch(digest) && checksum == Checksum(written, digest)
            ? new ImageDigest(digest) : null;
    }

    /// <summary>A store that cannot be written forgets; that costs a build and nothing else.</summary>
    public void Record(ContentKey key, ImageDigest digest)
    {
        if (!Digest().IsMatch(digest.Value))
            throw new ArgumentException("a digest is sha256: and 64 hex digits", nameof(digest));
        string path = PathOf(key);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.ASCII.GetBytes($"{Format} {key} {digest} {Checksum(key.Value, digest.Value)}\n"));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DeleteQuietly(temporary);
        }
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The same trouble that kept it from being written.
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
}
