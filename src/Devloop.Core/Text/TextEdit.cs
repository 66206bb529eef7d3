using System.Collections.Immutable;
using System.Text;

namespace Devloop.Text;

/// <summary>Replaces a stretch of a text; every character outside the edits stays.</summary>
public readonly record struct TextEdit(int Start, int Length, string Replacement)
{
    /// <summary>Applies edits that do not overlap, in any order.</summary>
    /// <exception cref="ArgumentException">Two edits overlap or one lies outside the text.</exception>
    public static string Apply(string text, IEnumerable<TextEdit> edits)
    {
        ImmutableArray<TextEdit> ordered = [.. edits.OrderBy(e => e.Start)];
        if (ordered.IsEmpty)
            return text;
        var result = new StringBuilder(text.Length + 64);
        int at = 0;
        foreach (TextEdit edit in ordered)
        {
            if (edit.Start < at || edit.Start + edit.Length > text.Length)
                throw new ArgumentException($"edit at {edit.Start} overlaps another or lies outside the text", nameof(edits));
            result.Append(text, at, edit.Start - at).Append(edit.Replacement);
            at = edit.Start + edit.Length;
        }
        return result.Append(text, at, text.Length - at).ToString();
    }
}
