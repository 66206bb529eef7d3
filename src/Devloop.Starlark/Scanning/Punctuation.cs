namespace Devloop.Starlark.Scanning;

/// <summary>Operators and delimiters; the longest that fits is the token.</summary>
internal static class Punctuation
{
    private static readonly (string Text, TokenKind Kind)[] LongestFirst =
    [
        .. new[]
        {
            ("+", TokenKind.Plus), ("-", TokenKind.Minus), ("*", TokenKind.Star), ("/", TokenKind.Slash), ("//", TokenKind.SlashSlash),
            ("%", TokenKind.Percent), ("**", TokenKind.StarStar), ("~", TokenKind.Tilde), ("&", TokenKind.Ampersand), ("|", TokenKind.Pipe),
            ("^", TokenKind.Caret), ("<<", TokenKind.LessLess), (">>", TokenKind.GreaterGreater), (".", TokenKind.Dot), (",", TokenKind.Comma),
            ("=", TokenKind.Equal), (";", TokenKind.Semicolon), (":", TokenKind.Colon), ("(", TokenKind.LeftParen), (")", TokenKind.RightParen),
            ("[", TokenKind.LeftBracket), ("]", TokenKind.RightBracket), ("{", TokenKind.LeftBrace), ("}", TokenKind.RightBrace),
            ("<", TokenKind.Less), (">", TokenKind.Greater), (">=", TokenKind.GreaterEqual), ("<=", TokenKind.LessEqual),
            ("==", TokenKind.EqualEqual), ("!=", TokenKind.NotEqual), ("+=", TokenKind.PlusEqual), ("-=", TokenKind.MinusEqual),
            ("*=", TokenKind.StarEqual), ("/=", TokenKind.SlashEqual), ("//=", TokenKind.SlashSlashEqual), ("%=", TokenKind.PercentEqual),
            ("&=", TokenKind.AmpersandEqual), ("|=", TokenKind.PipeEqual), ("^=", TokenKind.CaretEqual),
            ("<<=", TokenKind.LessLessEqual), (">>=", TokenKind.GreaterGreaterEqual),
        }.OrderByDescending(p => p.Item1.Length),
    ];

    public static (int Length, TokenKind Kind)? Find(ReadOnlySpan<char> text)
    {
        foreach ((string candidate, TokenKind kind) in LongestFirst)
        {
            if (text.StartsWith(candidate, StringComparison.Ordinal))
                return (candidate.Length, kind);
        }
        return null;
    }
}
