using System.Collections.Concurrent;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Files in memory by their absolute path.</summary>
public sealed class FakeSourceFiles : ISourceFiles
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public void Write(string path, byte[] content) => _files[path] = content;

    public void Delete(string path) => _files.TryRemove(path, out _);

    public Stream? Open(string path) => _files.TryGetValue(path, out byte[]? content) ? new MemoryStream(content, writable: false) : null;
}
