using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.Core;

namespace Devloop.Yaml;

/// <summary>Says in our own words why a text is not YAML, and where.</summary>
public static class YamlSyntax
{
    public static SourceSpan SpanAt(SourceText source, Mark mark, int length)
    {
        int line = (int)Math.Clamp(mark.Line, 1, source.LineCount);
        return source.Span(source.LineStart(line) + (int)Math.Max(0, mark.Column - 1), length);
    }

    public static Diagnostic Explain(SourceText source, YamlException error)
    {
        SourceSpan at = SpanAt(source, error.Start, 1);
        int line = at.Line;
        if (TabIn(source, line) is { } tab)
            return Because(tab, "a tab indents this line", "YAML indents with spaces only", "spaces stand in place of the tab");

        string reason = error.Message;
        bool Says(string text) => reason.Contains(text, StringComparison.OrdinalIgnoreCase);
        if (Says("quoted scalar"))
            return Because(at, "this quoted text is not closed", "starts here", "the same quote ends the text");
        if (Says("flow sequence") || Says("flow mapping"))
            return Because(at, "this list or mapping in brackets is not closed", "expected `,` or the closing bracket", null);
        if (Says("mapping values are not allowed") || Says("invalid mapping") || Says("could not find expected ':'"))
        {
            return Because(at, "a key and its value are not expected here", null,
                "keys of one mapping begin in the same column; a value that holds `: ` stands in quotes");
        }
        if (Says("block collection") || Says("block mapping") || Says("block end") || Says("block sequence"))
            return Because(at, "this line does not fit the lines around it", null, "entries of one mapping or list begin in the same column");
        if (Says("anchor") || Says("alias"))
            return Because(at, "this anchor or alias cannot be read", null, "`&name` before a value, `*name` where it is used");
        if (Says("tag"))
            return Because(at, "this tag cannot be read", null, "a value that begins with `!` stands in quotes");
        if (Says("cannot start any token") || Says("while scanning"))
            return Because(at, "this character cannot begin a value", null, "a value that begins with a special character stands in quotes");
        return Because(at, "this is not valid YAML", null, "entries of one mapping or list begin in the same column");
    }

    private static Diagnostic Because(SourceSpan at, string message, string? label, string? help) =>
        Diagnostic.Error(DiagnosticCode.ConfigSyntax, message) with { At = at, Label = label, Help = help };

    /// <summary>The tab that indents a line or the one before it, where scanners tend to notice only afterwards.</summary>
    private static SourceSpan? TabIn(SourceText source, int line)
    {
        for (int n = line; n >= Math.Max(1, line - 1); n--)
        {
            string text = source.LineText(n);
            int indent = text.Length - text.TrimStart(' ', '\t').Length;
            int tab = text.AsSpan(0, indent).IndexOf('\t');
            if (tab >= 0)
                return source.Span(source.LineStart(n) + tab, 1);
        }
        return null;
    }
}
