using System.Collections.Immutable;

namespace Devloop.Model;

/// <summary>A command of the config: words to run as they are, or one text for a shell.</summary>
/// <param name="Words">At least one; exactly one when it is a text for a shell.</param>
/// <param name="Shell">The text goes to <c>/bin/sh -c</c>, on Windows to <c>cmd /c</c>.</param>
public sealed record CommandWords(ImmutableArray<string> Words, bool Shell)
{
    /// <summary>As a person would type it.</summary>
    public override string ToString() => string.Join(' ', Words);

    /// <summary>Whether both run the same.</summary>
    public bool SameAs(CommandWords? other) => other is not null && Shell == other.Shell && Words.SequenceEqual(other.Words);
}
