using System.Collections.Immutable;
using System.Text;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>A project's files in memory. Directories are where files are.</summary>
public sealed class FakeFileTree : IFileTree
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, FakeFile> _files = new(StringComparer.Ordinal);
    private long _clock;

    public FakeFileTree(string root = "/project") => Root = root;

    public string Root { get; }

    public FakeFileTree Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public FakeFileTree Write(string path, byte[] content) => Put(path, new FakeFile(content, null, null, 0));

    /// <summary>A symbolic link; it is listed, never followed.</summary>
    public FakeFileTree Link(string path, string target) => Put(path, new FakeFile([], target, null, 0));

    /// <summary>A file that cannot be read.</summary>
    /// <param name="reason">A few words such as <c>permission denied</c>.</param>
    public FakeFileTree Lock(string path, string reason = "permission denied") => Put(path, new FakeFile([], null, reason, 0));

    /// <summary>Deletes a file, or a directory with all below it.</summary>
    public void Delete(string path)
    {
        lock (_lock)
        {
            string full = Full(path);
            foreach (string file in _files.Keys.Where(f => f == full || f.StartsWith(full + "/", StringComparison.Ordinal)).ToArray())
                _files.Remove(file);
        }
    }

    /// <summary>The content of a file by its absolute path; null when there is none. For <see cref="FakeImageBuilder"/>.</summary>
    public byte[]? ContentAt(string path)
    {
        lock (_lock)
            return _files.TryGetValue(Full(path), out FakeFile? file) ? file.Content : null;
    }

    public PathKind KindOf(string path)
    {
        lock (_lock)
        {
            string full = Full(path);
            if (_files.TryGetValue(full, out FakeFile? file))
                return file.Target is null ? PathKind.File : PathKind.Other;
            return full == Root || Below(full).Any() ? PathKind.Directory : PathKind.Missing;
        }
    }

    public FileContent Read(string path)
    {
        lock (_lock)
        {
            if (!_files.TryGetValue(Full(path), out FakeFile? file))
                return KindOf(path) == PathKind.Directory ? new FileContent.Unreadable("a directory") : new FileContent.Missing();
            if (file.Reason is not null)
                return new FileContent.Unreadable(file.Reason);
            if (file.Target is not null)
                return new FileContent.Unreadable("the link leads nowhere");
            bool mark = file.Content.AsSpan().StartsWith(Encoding.UTF8.Preamble);
            ReadOnlySpan<byte> text = mark ? file.Content.AsSpan(Encoding.UTF8.Preamble.Length) : file.Content;
            try
            {
                return text.Contains((byte)0) ? new FileContent.Binary() : new FileContent.Text(Strict.GetString(text), mark);
            }
            catch (DecoderFallbackException)
            {
                return new FileContent.Binary();
            }
        }
    }

    public ImmutableArray<string> FilesBelow(string directory)
    {
        lock (_lock)
            return [.. Below(Full(directory)).Where(f => f.Value.Target is null).Select(f => Path.GetRelativePath(Root, f.Key))];
    }

    /// <summary>The files below a directory by their absolute paths.</summary>
    internal ImmutableArray<KeyValuePair<string, FakeFile>> Snapshot(string directory)
    {
        lock (_lock)
            return [.. Below(Full(directory))];
    }

    private IEnumerable<KeyValuePair<string, FakeFile>> Below(string full) =>
        _files.Where(f => f.Key.StartsWith(full + "/", StringComparison.Ordinal));

    private FakeFileTree Put(string path, FakeFile file)
    {
        lock (_lock)
            _files[Full(path)] = file with { Modified = ++_clock * 1_000_000_000 };
        return this;
    }

    /// <summary>Absolute, without <c>.</c> and <c>..</c>.</summary>
    private string Full(string path)
    {
        var parts = new List<string>();
        string whole = path.StartsWith('/') ? path : Root + "/" + path;
        foreach (string part in whole.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            else if (part != ".")
                parts.Add(part);
        }
        return "/" + string.Join('/', parts);
    }
}

/// <param name="Target">The text of a link.</param>
/// <param name="Reason">Why it cannot be read.</param>
/// <param name="Modified">Nanoseconds; every write has a later one.</param>
internal sealed record FakeFile(byte[] Content, string? Target, string? Reason, long Modified);
