using System.Collections.Immutable;

namespace Devloop.Diagnostics;

/// <summary>What reading gave: a value, as good as it could be made, and all problems found on the way.</summary>
public sealed record Parsed<T>(T? Value, ImmutableArray<Diagnostic> Diagnostics) where T : class
{
    public bool HasErrors => Diagnostics.Any(d => d.Severity == Severity.Error);

    /// <summary>The value when there is one and nothing is wrong with it.</summary>
    public bool TryGet([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? value)
    {
        value = HasErrors ? null : Value;
        return value is not null;
    }
}
