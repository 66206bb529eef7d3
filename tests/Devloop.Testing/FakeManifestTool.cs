using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>A tool that renders what a test says, and counts how often it is run.</summary>
public sealed class FakeManifestTool(Func<RenderedManifests, ManifestToolResult> render) : IManifestTool
{
    public FakeManifestTool(string text) : this(_ => new ManifestToolResult.Rendered(text))
    {
    }

    public int Runs { get; private set; }

    public ManifestToolResult Render(RenderedManifests source, string root)
    {
        Runs++;
        return render(source);
    }
}
