using System.Collections.Immutable;

namespace Devloop.Dockerfiles;

/// <summary>A class such as <c>[a-z]</c> or <c>[^a-z]</c> of a path pattern.</summary>
internal sealed class CharacterClass(bool negated, ImmutableArray<(char Low, char High)> ranges)
{
    public bool Contains(char c)
    {
        foreach ((char low, char high) in ranges)
        {
            if (c >= low && c <= high)
                return !negated;
        }
        return negated;
    }

    /// <summary>Reads a valid class from its bracket on and leaves the index on the closing one.</summary>
    public static CharacterClass Read(string text, ref int index)
    {
        var ranges = ImmutableArray.CreateBuilder<(char, char)>();
        bool negated = Walk(text, ref index, ranges) ?? false;
        return new CharacterClass(negated, ranges.ToImmutable());
    }

    /// <summary>Moves over a class to its closing bracket; false when its syntax is wrong.</summary>
    public static bool Skip(string text, ref int index) => Walk(text, ref index, null) is not null;

    private static bool? Walk(string text, ref int index, ImmutableArray<(char, char)>.Builder? ranges)
    {
        int at = index + 1;
        bool negated = at < text.Length && text[at] == '^';
        if (negated)
            at++;
        for (int count = 0; ; count++)
        {
            if (at < text.Length && text[at] == ']' && count > 0)
                break;
            if (Character(text, ref at) is not { } low)
                return null;
            char high = low;
            if (at < text.Length && text[at] == '-')
            {
                at++;
                if (Character(text, ref at) is not { } end)
                    return null;
                high = end;
            }
            ranges?.Add((low, high));
        }
        index = at;
        return negated;
    }

    private static char? Character(string text, ref int at)
    {
        if (at >= text.Length || text[at] is '-' or ']')
            return null;
        if (text[at] == '\\' && ++at >= text.Length)
            return null;
        char c = text[at++];
        return at < text.Length ? c : null;
    }
}
