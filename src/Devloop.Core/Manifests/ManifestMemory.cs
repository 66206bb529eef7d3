using System.Collections.Concurrent;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>What was read of each manifest: a file whose text is as it was is not read again when another one of hundreds was edited.</summary>
public sealed class ManifestMemory
{
    private readonly ConcurrentDictionary<string, (string Text, Parsed<ManifestFile> Read)> _files = new(StringComparer.Ordinal);

    public Parsed<ManifestFile> Read(SourceText source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_files.TryGetValue(source.File, out var known) && known.Text == source.Content)
            return known.Read;
        Parsed<ManifestFile> read = ManifestReader.Read(source);
        _files[source.File] = (source.Content, read);
        return read;
    }
}
