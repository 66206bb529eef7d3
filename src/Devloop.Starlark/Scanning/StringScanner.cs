namespace Devloop.Starlark.Scanning;

/// <summary>Text and bytes literals: either quote, single or triple, plain or raw.</summary>
internal static class StringScanner
{
    /// <summary>Whether a literal begins here, prefix or quote.</summary>
    public static bool StartsHere(Cursor cursor) => PrefixLength(cursor) is { } length && cursor.Peek(length) is '"' or '\'';

    private static int? PrefixLength(Cursor cursor) => (cursor.Current, cursor.Peek(1)) switch
    {
        ('"' or '\'', _) => 0,
        ('r', 'b') or ('b', 'r') => 2,
        ('r' or 'b', _) => 1,
        _ => null,
    };

    public static Token Scan(Cursor cursor, ICollection<Problem> problems)
    {
        int start = cursor.Offset;
        cursor.Move(PrefixLength(cursor) ?? 0);
        string prefix = cursor.Since(start);
        bool isBytes = prefix.Contains('b', StringComparison.Ordinal), isRaw = prefix.Contains('r', StringComparison.Ordinal);
        char quote = cursor.Current;
        bool isTriple = cursor.Peek(1) == quote && cursor.Peek(2) == quote;
        int quotes = isTriple ? 3 : 1;
        cursor.Move(quotes);

        var content = new LiteralContent(isBytes);
        while (!Closes(cursor, quote, quotes))
        {
            if (cursor.AtEnd || (!isTriple && cursor.NewlineLength > 0))
            {
                problems.Add(new Problem(isTriple ? "the text is not closed" : "the text is not closed on its line", Span.Between(start, cursor.Offset)));
                return Done(cursor, start, content);
            }
            if (cursor.Current == '\\' && isRaw)
                TakeRawPair(cursor, content);
            else if (cursor.Current == '\\')
                Escapes.Take(cursor, content, problems);
            else
                TakePlain(cursor, content);
        }
        cursor.Move(quotes);
        return Done(cursor, start, content);
    }

    private static Token Done(Cursor cursor, int start, LiteralContent content) =>
        new(content.IsBytes ? TokenKind.Bytes : TokenKind.String, Span.Between(start, cursor.Offset), content.ToLiteral());

    private static bool Closes(Cursor cursor, char quote, int quotes) =>
        !cursor.AtEnd && cursor.Current == quote && (quotes == 1 || (cursor.Peek(1) == quote && cursor.Peek(2) == quote));

    /// <summary>A line ending in a literal is LF, whatever the file has.</summary>
    private static void TakePlain(Cursor cursor, LiteralContent content)
    {
        if (cursor.NewlineLength is > 0 and var length)
        {
            content.Add('\n');
            cursor.Move(length);
            return;
        }
        int units = cursor.RuneLength;
        content.Add(cursor.Rest[..units]);
        cursor.Move(units);
    }

    /// <summary>
    /// In a raw literal a backslash keeps a quote from closing, and stays itself, as in Python, of whose syntax the language is a subset.
    /// </summary>
    private static void TakeRawPair(Cursor cursor, LiteralContent content)
    {
        content.Add('\\');
        cursor.Move();
        if (!cursor.AtEnd)
            TakePlain(cursor, content);
    }
}
