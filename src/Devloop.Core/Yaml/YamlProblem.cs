using Devloop.Diagnostics;

namespace Devloop.Yaml;

/// <summary>Ends the reading of a file from deep inside; never leaves this room.</summary>
internal sealed class YamlProblem(Diagnostic diagnostic) : Exception
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}
