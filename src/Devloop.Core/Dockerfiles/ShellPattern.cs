using System.Collections.Immutable;
using System.Text;

namespace Devloop.Dockerfiles;

/// <summary>The patterns of <c>${a#p}</c>, <c>${a%p}</c> and <c>${a/p/r}</c>: <c>?</c> is one character, <c>*</c> any number; no brackets. Neither matches a line end.</summary>
internal sealed class ShellPattern
{
    private const int AnyOne = -1;
    private const int AnyNumber = -2;
    private readonly ImmutableArray<int> _tokens;

    private ShellPattern(ImmutableArray<int> tokens) => _tokens = tokens;

    /// <summary>Null when a backslash stands before a character that needs none.</summary>
    public static ShellPattern? TryParse(string pattern)
    {
        var tokens = ImmutableArray.CreateBuilder<int>();
        int[] runes = Runes(pattern);
        for (int i = 0; i < runes.Length; i++)
        {
            switch (runes[i])
            {
                case '*':
                    tokens.Add(AnyNumber);
                    break;
                case '?':
                    tokens.Add(AnyOne);
                    break;
                case '\\':
                    int next = i + 1 < runes.Length ? runes[i + 1] : 0;
                    if (next is '}' or '/')
                        break;
                    if (next is not ('*' or '?' or '\\'))
                        return null;
                    tokens.Add(next);
                    i++;
                    break;
                default:
                    tokens.Add(runes[i]);
                    break;
            }
        }
        return new ShellPattern(tokens.ToImmutable());
    }

    /// <summary>The value without the shortest or longest beginning that matches.</summary>
    public string TrimStart(string value, bool longest)
    {
        int[] runes = Runes(value);
        return MatchAt(_tokens, runes, 0, longest) is { } end ? Text(runes.AsSpan(end)) : value;
    }

    /// <summary>The value without the shortest or longest end that matches.</summary>
    public string TrimEnd(string value, bool longest)
    {
        int[] runes = Runes(value);
        Array.Reverse(runes);
        if (MatchAt([.. _tokens.Reverse()], runes, 0, longest) is not { } end)
            return value;
        int[] rest = runes[end..];
        Array.Reverse(rest);
        return Text(rest);
    }

    /// <summary>The value with the first match replaced, or all of them.</summary>
    public string Replace(string value, string replacement, bool all)
    {
        int[] runes = Runes(value);
        var result = new StringBuilder();
        int copied = 0, lastEnd = -1;
        for (int at = 0; at <= runes.Length; at++)
        {
            if (MatchAt(_tokens, runes, at, longest: true) is not { } end || (end == at && at == lastEnd))
                continue;
            result.Append(Text(runes.AsSpan(copied, at - copied))).Append(replacement);
            copied = lastEnd = end;
            if (!all)
                break;
            if (end > at)
                at = end - 1;
        }
        return result.Append(Text(runes.AsSpan(copied))).ToString();
    }

    /// <summary>The end of the shortest or longest match from a place on. Keeps the set of reachable ends for each token, so the work is pattern × text at most.</summary>
    private static int? MatchAt(ImmutableArray<int> tokens, int[] text, int start, bool longest)
    {
        var ends = new bool[text.Length + 1];
        ends[start] = true;
        foreach (int token in tokens)
        {
            var next = new bool[text.Length + 1];
            bool open = false;
            for (int i = start; i <= text.Length; i++)
            {
                if (token == AnyNumber)
                {
                    open |= ends[i];
                    next[i] = open;
                    if (i < text.Length && text[i] == '\n')
                        open = false;
                }
                else if (ends[i] && i < text.Length && (token == AnyOne ? text[i] != '\n' : text[i] == token))
                {
                    next[i + 1] = true;
                }
            }
            ends = next;
        }
        int found = longest ? Array.LastIndexOf(ends, true) : Array.IndexOf(ends, true);
        return found < 0 ? null : found;
    }

    private static int[] Runes(string text) => [.. text.EnumerateRunes().Select(r => r.Value)];

    private static string Text(ReadOnlySpan<int> runes)
    {
        var text = new StringBuilder(runes.Length);
        foreach (int rune in runes)
            text.Append(char.ConvertFromUtf32(rune));
        return text.ToString();
    }
}
