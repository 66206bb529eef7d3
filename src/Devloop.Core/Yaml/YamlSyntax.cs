using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.Core;

namespace Devloop.Yaml;

/// <summary>Says in our own words why a text is not YAML, and where.</summary>
internal static class YamlSyntax
{
    /// <summary>YamlDotNet counts lines and columns from 1.</summary>
    public static SourceSpan SpanOf(SourceText source, Mark start, Mark end)
    {
        int from = Offset(source, start);
        return source.Span(from, Math.Max(0, Offset(source, end) - from));
    }

    /// <param name="at">Where the scanner or the parser gave up.</param>
    /// <param name="reason">The message of the scanner or the parser; only looked at for what it is about.</param>
    /// <param name="bracket">Where the innermost list or mapping in brackets opens that was not closed yet.</param>
    public static Diagnostic Explain(SourceText source, SourceSpan at, string reason, SourceSpan? bracket, string code)
    {
        if ((TabAround(source, at.Line) ?? (IsAboutTabs(reason) ? TabIn(source, Enumerable.Range(1, source.LineCount)) : null)) is { } tab)
            return Because(tab, "a tab indents this line", "YAML indents with spaces only", "spaces stand in place of the tab");

        bool Says(string text) => reason.Contains(text, StringComparison.OrdinalIgnoreCase);
        if (Says("escape") || Says("hexadecimal") || Says("surrogates"))
            return Because(at, "this escape is not known", "starts here", "a backslash in double quotes begins an escape; in single quotes it is itself");
        if (Says("quoted scalar"))
            return Because(at, "this quoted text is not closed", "starts here", "the same quote ends the text");
        if (Says("mapping values are not allowed") || Says("invalid mapping"))
            return Because(at, "a key and its value are not expected here", null, "keys of one mapping begin in the same column; a value that holds `: ` stands in quotes");
        if (bracket is not null && !Says("anchor") && !Says("alias") && !Says("tag") && !Says("cannot start any token"))
            return Because(bracket, "this list or mapping in brackets is not closed", "opens here", "entries stand between commas, and the same bracket closes");
        string line = source.LineText(at.Line).TrimStart();
        bool noKey = Says("block mapping") && !line.Contains(':', StringComparison.Ordinal) && !line.StartsWith('-');
        if (noKey || Says("simple key") || Says("could not find expected ':'"))
            return Because(at, "a line is neither a `key: value` nor part of the one before", null, "keys of one mapping begin in the same column, and a `:` and a space follow them");
        if (Says("block collection") || Says("block mapping") || Says("block end") || Says("block sequence"))
            return Because(at, "this line does not fit the lines around it", null, "entries of one mapping or list begin in the same column");
        if (Says("anchor") || Says("alias"))
            return Because(at, "this anchor or alias cannot be read", null, "`&name` before a value, `*name` where it is used");
        if (Says("tag"))
            return Because(at, "this tag cannot be read", null, "a value that begins with `!` stands in quotes");
        if (Says("cannot start any token"))
            return Because(at, "this character cannot begin a value", null, "a value that begins with `@`, a backtick or `%` stands in quotes");
        return Because(at, "this is not valid YAML", null, "lines of one mapping or list begin in the same column");

        Diagnostic Because(SourceSpan at, string message, string? label, string? help) =>
            Diagnostic.Error(code, message) with { At = at, Label = label, Help = help };
    }

    private static int Offset(SourceText source, Mark mark) =>
        source.LineStart((int)Math.Clamp(mark.Line, 1, source.LineCount)) + (int)Math.Max(0, mark.Column - 1);

    /// <summary>The tab that indents a line, or one beside it: the mark may stand before or after the line that is to blame.</summary>
    private static SourceSpan? TabAround(SourceText source, int line) => TabIn(source, new[] { line, line - 1, line + 1 }.Where(n => n >= 1 && n <= source.LineCount));

    /// <summary>A tab, or nothing that we know: the mark may stand at the start of the file then.</summary>
    private static bool IsAboutTabs(string reason) => reason.Contains(" tab ", StringComparison.OrdinalIgnoreCase) || !reason.StartsWith("While ", StringComparison.OrdinalIgnoreCase);

    private static SourceSpan? TabIn(SourceText source, IEnumerable<int> lines)
    {
        foreach (int n in lines)
        {
            string text = source.LineText(n);
            int tab = text.IndexOf('\t');
            if (tab >= 0 && string.IsNullOrWhiteSpace(text[..tab]) && !string.IsNullOrWhiteSpace(text))
                return source.Span(source.LineStart(n) + tab, 1);
        }
        return null;
    }
}
