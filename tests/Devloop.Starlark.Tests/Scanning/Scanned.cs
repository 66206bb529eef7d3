using System.Globalization;
using System.Text;
using Devloop.Starlark.Scanning;

namespace Devloop.Starlark.Tests.Scanning;

/// <summary>Scans a text and writes what came, so that a test is one line of input and one of output.</summary>
internal static class Scanned
{
    public static Scan Of(string text) => Scanner.Scan(new Source("test.star", text));

    /// <summary>Names, numbers and punctuation as written, literals by what they denote, layout as <c>newline indent outdent</c>.</summary>
    public static string Tokens(string text) => string.Join(' ', Of(text).Tokens.Where(t => t.Kind != TokenKind.EndOfFile).Select(t => Word(t, text)));

    /// <summary>The problems, each as <c>line:column message</c>.</summary>
    public static string[] Problems(string text)
    {
        var source = new Source("test.star", text);
        return [.. Scanner.Scan(source).Problems.Select(p => $"{source.PositionOf(p.At.Start)} {p.Message}")];
    }

    /// <summary>The one literal of a text without problems.</summary>
    public static Literal Literal(string text)
    {
        Scan scan = Of(text);
        scan.Problems.ShouldBeEmpty();
        return scan.Tokens.Where(t => t.Kind is not (TokenKind.Newline or TokenKind.EndOfFile)).ShouldHaveSingleItem().Literal.ShouldNotBeNull();
    }

    private static string Word(Token token, string text) => token.Literal switch
    {
        Starlark.Scanning.Literal.Text t => $"\"{t.Value}\"",
        Starlark.Scanning.Literal.Bytes b => $"b\"{Encoding.Latin1.GetString([.. b.Value])}\"",
        Starlark.Scanning.Literal.Int i => i.Value.ToString(CultureInfo.InvariantCulture),
        Starlark.Scanning.Literal.Float f => f.Value.ToString("R", CultureInfo.InvariantCulture) + "f",
        Starlark.Scanning.Literal.Name n => n.Value,
        _ => token.Kind is TokenKind.Newline or TokenKind.Indent or TokenKind.Outdent or TokenKind.Invalid
            ? token.Kind.ToString().ToLowerInvariant()
            : text.Substring(token.Span.Start, token.Span.Length),
    };
}
