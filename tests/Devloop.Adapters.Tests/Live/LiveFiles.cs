using System.Collections.Immutable;
using System.Text;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;

namespace Devloop.Adapters.Tests.Live;

/// <summary>Files of this machine as containers are to get them; gone with it.</summary>
internal sealed class LiveFiles : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private int _count;

    public void Dispose() => _directory.Dispose();

    public OverlayEntry.File File(string path, string content, int mode = 0x1A4, FileOwner? owner = null) => File(path, Encoding.UTF8.GetBytes(content), mode, owner);

    public OverlayEntry.File File(string path, byte[] content, int mode = 0x1A4, FileOwner? owner = null)
    {
        string source = _directory[$"f{_count++}"];
        System.IO.File.WriteAllBytes(source, content);
        return new OverlayEntry.File(path, source, content.Length, ContentHash.Of(content), mode, 1_700_000_000_123_456_789L) { Owner = owner ?? FileOwner.Root };
    }

    /// <summary>Files of which each has its own content.</summary>
    public ImmutableArray<OverlayEntry> Many(string directory, int count, int size) =>
        [new OverlayEntry.Directory(directory, 0x1ED) { Owner = FileOwner.Root }, .. Enumerable.Range(0, count).Select(i => File($"{directory}/{i}", Encoding.UTF8.GetBytes($"{i} ".PadRight(size, '.'))))];
}
