using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Diagnostics;

public enum Severity
{
    Warning,
    Error,
}

/// <summary>
/// A problem that the user can mend. The message says what is wrong, in lower case and without a full stop;
/// <see cref="Help"/> alone says what to do, as a statement.
/// </summary>
/// <param name="Code">A code of <see cref="DiagnosticCode"/>, such as <c>DL1003</c>.</param>
public sealed record Diagnostic(string Code, Severity Severity, string Message)
{
    public static Diagnostic Error(string code, string message) => new(code, Severity.Error, message);

    public static Diagnostic Warning(string code, string message) => new(code, Severity.Warning, message);

    /// <summary>Where, or null when no place in a file is to blame.</summary>
    public SourceSpan? At { get; init; }

    /// <summary>A few words that stand under the source line.</summary>
    public string? Label { get; init; }

    /// <summary>Evidence, such as the last lines of output, each on a line of its own.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What to do next.</summary>
    public string? Help { get; init; }
}
