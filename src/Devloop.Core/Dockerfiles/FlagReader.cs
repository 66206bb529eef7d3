using System.Collections.Immutable;
using System.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// Reads the words that begin with <c>--</c> before an instruction's arguments. Quotes and backslashes (whatever the escape
/// character is) are taken off; <c>--</c> alone ends the flags.
/// </summary>
internal static class FlagReader
{
    public static ImmutableArray<Flag> Read(LogicalLine line, ref int at, int end)
    {
        string text = line.Text;
        ImmutableArray<Flag>.Builder? flags = null;
        while (true)
        {
            int start = at;
            while (start < end && char.IsWhiteSpace(text[start]))
                start++;
            if (start + 1 >= end || text[start] != '-' || text[start + 1] != '-')
                break;
            at = start;
            Flag flag = ReadOne(line, ref at, end);
            if (flag.Whole.Text == "--")
                break;
            (flags ??= ImmutableArray.CreateBuilder<Flag>()).Add(flag);
        }
        return flags?.ToImmutable() ?? [];
    }

    private static Flag ReadOne(LogicalLine line, ref int at, int end)
    {
        string text = line.Text;
        int start = at;
        while (at < end && !char.IsWhiteSpace(text[at]) && text[at] is not ('\'' or '"' or '\\'))
            at++;
        if (at == end || char.IsWhiteSpace(text[at]))
            return FlagOf(line, start, at, text[start..at]);

        at = start;
        var word = new StringBuilder();
        var indexes = ImmutableArray.CreateBuilder<int>();
        var quotes = ImmutableArray.CreateBuilder<char>();
        char quote = '\0';
        for (; at < end; at++)
        {
            char c = text[at];
            if (quote == '\0' && char.IsWhiteSpace(c))
                break;
            if (quote == '\0' ? c is '\'' or '"' : c == quote)
            {
                quote = quote == '\0' ? c : '\0';
                continue;
            }
            if (c == '\\')
            {
                if (at + 1 == end)
                    continue;
                c = text[++at];
            }
            word.Append(c);
            indexes.Add(at);
            quotes.Add(quote);
        }
        return FlagOf(line, start, at, word.ToString()) with { Indexes = indexes.ToImmutable(), Quotes = quotes.ToImmutable() };
    }

    private static Flag FlagOf(LogicalLine line, int start, int end, string whole)
    {
        int equals = whole.IndexOf('=', StringComparison.Ordinal);
        return new Flag(whole[2..(equals < 0 ? whole.Length : equals)], equals < 0 ? null : whole[(equals + 1)..], equals < 0 ? whole.Length : equals + 1, new Word(line, start, end, whole));
    }
}
