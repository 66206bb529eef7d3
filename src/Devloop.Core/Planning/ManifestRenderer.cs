using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>Has manifests rendered, and remembers what came of it: with the same inputs no tool is run again.</summary>
public sealed class ManifestRenderer(IManifestTool tool)
{
    /// <summary>By the hash of the inputs, which tells the sources apart too.</summary>
    private readonly ConcurrentDictionary<string, string> _rendered = new(StringComparer.Ordinal);

    public ManifestToolResult Render(RenderedManifests source, RenderInputs inputs, IFileTree files)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(files);
        string? key = inputs.Hash(source, files);
        if (key is not null && _rendered.TryGetValue(key, out string? known))
            return new ManifestToolResult.Rendered(known);
        ManifestToolResult result = tool.Render(source, files.Root);
        // What was read may have changed meanwhile; what came of it then belongs to no hash.
        if (result is ManifestToolResult.Rendered rendered && key is not null && RenderInputs.Of(source, files).Hash(source, files) == key)
            _rendered[key] = rendered.Text;
        return result;
    }
}
