using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.Core;

namespace Devloop.Manifests;

/// <summary>Says in our words what is wrong with YAML.</summary>
internal static class YamlSyntax
{
    public static Diagnostic Problem(SourceSpan at, string message, string? label, string? help) =>
        Diagnostic.Error(DiagnosticCode.ManifestSyntax, message) with { At = at, Label = label, Help = HelmHelp(at) ?? help };

    public static Diagnostic Describe(SourceText source, YamlException exception)
    {
        SourceSpan at = At(source, exception.Start);
        if (TabIndent(source, at.Line) is { } tab)
            return Problem(tab, "a line is indented with a tab", null, "YAML is indented with spaces");
        (string message, string? help) = exception.Message.Contains("uplicate", StringComparison.Ordinal) ? ("a key stands twice", null)
            : exception.Message.Contains("mapping values", StringComparison.OrdinalIgnoreCase) || exception.Message.Contains("invalid mapping", StringComparison.OrdinalIgnoreCase) ? ("a `:` makes a key where none may stand", "a value with `: ` in it stands in quotes; keys of one mapping begin in the same column")
            : exception.Message.Contains("quoted scalar", StringComparison.OrdinalIgnoreCase) ? ("a quote is not closed, or a character in quotes is not valid", null)
            : exception.Message.Contains("simple key", StringComparison.OrdinalIgnoreCase) ? ("a line is neither a `key: value` nor part of the one before", "keys of one mapping begin in the same column, and a `:` and a space follow them")
            : exception.Message.Contains("cannot start any token", StringComparison.OrdinalIgnoreCase) ? ("a value begins with a character that is reserved", "a value that begins with `@`, a backtick or `%` stands in quotes")
            : ("this is not valid YAML", "lines of one mapping or list begin in the same column");
        return Problem(at, message, null, help);
    }

    /// <summary>A tab that indents the line of a problem or the one after it: the mark may stand before the line that is to blame.</summary>
    private static SourceSpan? TabIndent(SourceText source, int line)
    {
        for (int each = line; each <= Math.Min(line + 1, source.LineCount); each++)
        {
            string text = source.LineText(each);
            int tab = text.IndexOf('\t');
            if (tab >= 0 && string.IsNullOrWhiteSpace(text[..tab]) && !string.IsNullOrWhiteSpace(text))
                return source.Span(source.LineStart(each) + tab, 1);
        }
        return null;
    }

    /// <summary>YamlDotNet counts lines and columns from 1.</summary>
    public static SourceSpan At(SourceText source, Mark mark) =>
        source.Span(source.LineStart((int)Math.Clamp(mark.Line, 1, source.LineCount)) + (int)Math.Max(0, mark.Column - 1), 0);

    private static string? HelmHelp(SourceSpan at)
    {
        string text = at.Source.Content;
        return text.Contains("{{", StringComparison.Ordinal) && text.Contains("}}", StringComparison.Ordinal)
            ? "this looks like a Helm template; `helm template` makes manifests of a chart" : null;
    }
}
