using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Runs the programs that make manifests: kustomize and helm. Waits for them: reading a project is one piece of work.</summary>
public interface IManifestTool
{
    /// <param name="root">The absolute directory of the project.</param>
    ManifestToolResult Render(RenderedManifests source, string root);
}

public abstract record ManifestToolResult
{
    private ManifestToolResult() { }

    /// <param name="Text">YAML, any number of documents.</param>
    public sealed record Rendered(string Text) : ManifestToolResult;

    /// <summary>None of the programs that could do it is installed.</summary>
    /// <param name="Program">The one that a user would look for.</param>
    public sealed record Missing(string Program) : ManifestToolResult;

    /// <param name="Command">The command line, for the user to try.</param>
    /// <param name="Error">What the program wrote to stderr.</param>
    public sealed record Failed(string Command, string Error) : ManifestToolResult;
}
