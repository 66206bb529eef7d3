using System.Globalization;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Cli.Terminal;

/// <summary>A diagnostic as text, in the form that rustc made known: what, where with the source line, why, and what to do.</summary>
public static class DiagnosticText
{
    private const int LongestLine = 200;

    public static string Of(Diagnostic diagnostic, Palette palette)
    {
        var text = new StringBuilder();
        bool error = diagnostic.Severity == Severity.Error;
        string head = error ? palette.Bad($"error[{diagnostic.Code}]") : palette.Warn($"warning[{diagnostic.Code}]");
        text.Append(head).Append(palette.Strong(": " + diagnostic.Message)).Append('\n');

        string gutter = "  ";
        if (diagnostic.At is { } at)
        {
            string number = at.Line.ToString(CultureInfo.InvariantCulture);
            gutter = new string(' ', number.Length + 1);
            text.Append(gutter[1..]).Append(palette.Place("--> ")).Append(at).Append('\n');
            AppendSource(text, at, number, gutter, diagnostic.Label, error, palette);
        }
        else if (diagnostic.Label is { } label)
        {
            text.Append(gutter).Append(palette.Place("= ")).Append(label).Append('\n');
        }

        for (int i = 0; i < diagnostic.Notes.Length; i++)
            text.Append(gutter).Append(i == 0 ? palette.Place("= ") + "output: " : "          ").Append(diagnostic.Notes[i]).Append('\n');
        if (diagnostic.Help is { } help)
            text.Append(gutter).Append(palette.Place("= ")).Append("help: ").Append(help).Append('\n');
        return text.ToString();
    }

    private static void AppendSource(StringBuilder text, SourceSpan at, string number, string gutter, string? label, bool error, Palette palette)
    {
        string line = at.Source.LineText(at.Line);
        int column = at.Column - 1;
        int length = Math.Max(1, Math.Min(at.Length, line.Length - column));
        if (line.Length == 0 && label is null)
            return;
        if (line.Length > LongestLine)
        {
            // A minified line: only what is around the place.
            int from = Math.Clamp(column - 40, 0, line.Length);
            line = line.Substring(from, Math.Min(LongestLine, line.Length - from));
            column -= from;
            length = Math.Clamp(length, 1, Math.Max(1, line.Length - column));
        }
        // A tab is as wide above as below, whatever the terminal makes of it; control characters show as dots.
        string shown = Printable(line);
        string indent = string.Concat(shown.Take(column).Select(c => c == '\t' ? "\t" : new string(' ', Columns(c))));
        string carets = new('^', Math.Max(1, shown.Skip(column).Take(length).Sum(Columns) + Math.Max(0, length - Math.Max(0, shown.Length - column))));
        string bar = palette.Place("|");
        text.Append(gutter).Append(bar).Append('\n')
            .Append(palette.Place(number)).Append(' ').Append(bar).Append(' ').Append(shown).Append('\n')
            .Append(gutter).Append(bar).Append(' ').Append(indent)
            .Append(error ? palette.Bad(Underline(carets, label)) : palette.Warn(Underline(carets, label))).Append('\n')
            .Append(gutter).Append(bar).Append('\n');
    }

    /// <summary>Wide and full-width characters take two columns (Unicode annex 11); the halves of a surrogate pair one each.</summary>
    private static int Columns(char c) => c is >= '\u1100' and <= '\u115F' or >= '\u2E80' and <= '\u303E' or >= '\u3041' and <= '\uA4CF'
        or >= '\uAC00' and <= '\uD7A3' or >= '\uF900' and <= '\uFAFF' or >= '\uFE30' and <= '\uFE6F' or >= '\uFF00' and <= '\uFF60' or >= '\uFFE0' and <= '\uFFE6' ? 2 : 1;

    private static string Underline(string carets, string? label) => label is null ? carets : carets + " " + label;

    private static string Printable(string line) => new([.. line.Select(c => char.IsControl(c) && c != '\t' ? '·' : c)]);
}
