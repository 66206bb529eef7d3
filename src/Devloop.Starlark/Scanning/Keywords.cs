using System.Collections.Frozen;

namespace Devloop.Starlark.Scanning;

/// <summary>Words that are no identifiers.</summary>
public static class Keywords
{
    private static readonly FrozenDictionary<string, TokenKind> Known = new[]
    {
        TokenKind.And, TokenKind.Break, TokenKind.Continue, TokenKind.Def, TokenKind.Elif, TokenKind.Else, TokenKind.For, TokenKind.If,
        TokenKind.In, TokenKind.Lambda, TokenKind.Load, TokenKind.Not, TokenKind.Or, TokenKind.Pass, TokenKind.Return,
    }.ToFrozenDictionary(kind => kind.ToString().ToLowerInvariant(), kind => kind);

    /// <summary>Words of Python that the language keeps for itself and does not use.</summary>
    private static readonly FrozenSet<string> Kept = new[]
    {
        "as", "assert", "async", "await", "class", "del", "except", "finally", "from", "global", "import", "is", "nonlocal", "raise", "try", "while", "with", "yield",
    }.ToFrozenSet();

    /// <summary>The kind of a keyword, or null for any other word.</summary>
    public static TokenKind? Find(string word) => Known.TryGetValue(word, out TokenKind kind) ? kind : null;

    public static bool IsReserved(string word) => Kept.Contains(word);
}
