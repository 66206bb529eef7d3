using System.Buffers;
using System.Globalization;
using System.Text;

namespace Devloop.Yaml;

/// <summary>Writes one text as YAML: plain, in double quotes, or as a block.</summary>
internal static class YamlText
{
    private static readonly SearchValues<char> Indicators = SearchValues.Create("-?:,[]{}#&*!|>'\"%@`=<~ \t");

    /// <summary>On one line, for keys.</summary>
    public static string Inline(string text) => IsPlain(text) ? text : Quoted(text);

    /// <param name="indent">The column of a block's lines.</param>
    public static void Append(StringBuilder yaml, string text, int indent)
    {
        if (!text.Contains('\n') || !IsBlock(text))
        {
            yaml.Append(Inline(text));
            return;
        }
        string body = text.TrimEnd('\n');
        int ends = text.Length - body.Length;
        yaml.Append('|').Append(ends switch { 0 => "-", 1 => "", _ => "+" });
        foreach (string line in body.Split('\n'))
        {
            yaml.Append('\n');
            if (line.Length > 0)
                yaml.Append(' ', indent).Append(line);
        }
        // The writer ends the last line itself.
        yaml.Append('\n', Math.Max(0, ends - 1));
    }

    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || Indicators.Contains(text[0]) || text[^1] is ' ' or ':' || text.StartsWith("...", StringComparison.Ordinal))
            return false;
        // YamlDotNet takes the star of a nested key such as `a *:` for an alias.
        if (text.Contains(" *", StringComparison.Ordinal) || text.Contains(": ", StringComparison.Ordinal) || text.Contains(" #", StringComparison.Ordinal) || !text.All(IsPrintable))
            return false;
        return YamlScalars.KindOf(text) == ScalarKind.Text && !LooksLikeNumber(text);
    }

    /// <summary>Dates, times and numbers of other YAML versions (<c>0o17</c>, <c>1:30</c>, <c>1_0</c>) stay text in every reader when they stand in quotes.</summary>
    private static bool LooksLikeNumber(string text) =>
        (char.IsAsciiDigit(text[0]) || text[0] is '.' or '+') && text.All(c => char.IsAsciiHexDigit(c) || c is 'x' or 'o' or 'T' or 'Z' or 't' or 'z' or ':' or '-' or '+' or '.' or '_' or ' ');

    /// <summary>A block needs a first line that shows its indentation and holds every character as it is.</summary>
    private static bool IsBlock(string text) =>
        text[0] is not (' ' or '\t' or '\n') && text.All(c => c == '\n' || c == '\t' || IsPrintable(c)) && text.AsSpan().TrimEnd('\n').Length > 0
        && !text.Split('\n').Any(line => line.Length > 0 && string.IsNullOrWhiteSpace(line));

    private static bool IsPrintable(char c) => c is >= ' ' and <= '~' or >= '\u00A0' and <= '\uFFFD' && c is not ('\u2028' or '\u2029' or '\uFEFF') && !char.IsSurrogate(c);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool pair = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (pair)
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(c, text[++i]):X8}");
            else if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c == '\n')
                quoted.Append("\\n");
            else if (c == '\t')
                quoted.Append("\\t");
            else if (c == '\r')
                quoted.Append("\\r");
            else if (IsPrintable(c))
                quoted.Append(c);
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(char.IsSurrogate(c) ? '\uFFFD' : c) + 0:X4}");
        }
        return quoted.Append('"').ToString();
    }
}
