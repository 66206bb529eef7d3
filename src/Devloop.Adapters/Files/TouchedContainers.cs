using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// A file a container: an image and a path in turn, each ended by a zero byte, only ever appended to. A last entry that was cut off by a
/// crash is passed over: what it stood for was not begun.
/// </summary>
/// <param name="directory">Holds the files.</param>
public sealed class TouchedContainers(string directory) : ITouchedContainers
{
    private readonly ConcurrentDictionary<string, ImmutableHashSet<TouchedFile>> _known = new(StringComparer.Ordinal);

    /// <summary>Containers that nobody asked for this long are gone.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromDays(30);

    /// <summary>The user's memory.</summary>
    public static TouchedContainers OfUser(Func<string, string?> environment) => new(Path.Combine(UserCache.Directory(environment), "containers"));

    public ImmutableArray<TouchedFile> In(string id) => [.. _known.GetOrAdd(id, Read).OrderBy(f => f.Image).ThenBy(f => f.Path, StringComparer.Ordinal)];

    public void Touch(string id, IEnumerable<TouchedFile> files)
    {
        ImmutableHashSet<TouchedFile> known = _known.GetOrAdd(id, Read);
        TouchedFile[] more = [.. files.Where(f => !known.Contains(f)).Distinct()];
        if (more.Length == 0)
            return;
        _known[id] = known.Union(more);
        try
        {
            Directory.CreateDirectory(directory);
            using var stream = new FileStream(PathOf(id), FileMode.Append, FileAccess.Write, FileShare.Read);
            stream.Write(Encoding.UTF8.GetBytes(string.Concat(more.Select(f => $"{f.Image.Value}\0{f.Path}\0"))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Forgotten after this run; a new pod puts it right.
        }
    }

    public void Forget(string id)
    {
        _known.TryRemove(id, out _);
        try
        {
            File.Delete(PathOf(id));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is swept out later.
        }
    }

    /// <summary>Takes out what is of containers that are surely gone.</summary>
    public void Sweep(CancellationToken cancellationToken)
    {
        try
        {
            foreach (string file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory) : [])
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Keep)
                    File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run sweeps.
        }
    }

    private ImmutableHashSet<TouchedFile> Read(string id)
    {
        try
        {
            string[] parts = File.ReadAllText(PathOf(id), Encoding.UTF8).Split('\0');
            // What follows the last zero byte was not ended.
            return [.. Enumerable.Range(0, (parts.Length - 1) / 2).Select(i => new TouchedFile(new ImageName(parts[2 * i]), parts[(2 * i) + 1]))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private string PathOf(string id) => Path.Combine(directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..32]);
}
