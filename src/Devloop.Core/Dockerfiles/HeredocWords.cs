using System.Text;

namespace Devloop.Dockerfiles;

/// <param name="Name">The word that ends the heredoc, without quotes.</param>
/// <param name="Expands">False when a part of the word is quoted.</param>
internal readonly record struct HeredocWord(string Name, bool Expands, bool StripsTabs);

/// <summary>Finds <c>&lt;&lt;WORD</c> in an instruction. The escape character is always a backslash here; BuildKit's rule.</summary>
internal static class HeredocWords
{
    public static bool MayStandIn(Instruction instruction) => instruction is { Name: "RUN" or "COPY" or "ADD", IsJson: false };

    /// <summary>The heredocs of a line in order; none when a quote is left open.</summary>
    public static List<HeredocWord> In(string line)
    {
        var found = new List<HeredocWord>();
        foreach (string word in RawWords(line))
        {
            if (Parse(word) is { } heredoc)
                found.Add(heredoc);
        }
        return found;
    }

    /// <summary>Reads one word such as <c>&lt;&lt;-"EOF"</c> or <c>3&lt;&lt;EOF</c>; null when it is no heredoc.</summary>
    public static HeredocWord? Parse(string word)
    {
        int at = 0;
        while (at < word.Length && char.IsAsciiDigit(word[at]))
            at++;
        if (string.CompareOrdinal(word, at, "<<", 0, 2) != 0)
            return null;
        at += 2;
        bool stripsTabs = at < word.Length && word[at] == '-';
        if (stripsTabs)
            at++;
        string raw = word[at..].TrimStart();
        if (raw.Length == 0 || raw.Contains('<') || Unquote(raw) is not { Length: > 0 } name)
            return null;
        return new HeredocWord(name, name == raw, stripsTabs);
    }

    private static string? Unquote(string raw)
    {
        var name = new StringBuilder();
        char quote = '\0';
        for (int i = 0; i < raw.Length; i++)
        {
            char c = raw[i];
            if (quote == '\0' && c is '\'' or '"')
                quote = c;
            else if (c == quote)
                quote = '\0';
            else if (c == '\\' && quote != '\'' && i + 1 < raw.Length && (quote == '\0' || raw[i + 1] is '"' or '$' or '\\'))
                name.Append(raw[++i]);
            else
                name.Append(c);
        }
        return quote == '\0' ? name.ToString() : null;
    }

    /// <summary>Splits at white space outside quotes; quotes and escapes stay. White space after <c>&lt;&lt;</c> belongs to the word.</summary>
    private static List<string> RawWords(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (char.IsWhiteSpace(c))
            {
                if (word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
            }
            else if (c == '\\' && i + 1 < line.Length)
            {
                word.Append(c).Append(line[++i]);
            }
            else if (c is '\'' or '"')
            {
                int close = ClosingQuote(line, i);
                if (close < 0)
                    return [];
                word.Append(line, i, close - i + 1);
                i = close;
            }
            else if (c == '<' && i + 1 < line.Length && line[i + 1] == '<')
            {
                word.Append("<<");
                i++;
                while (i + 1 < line.Length && char.IsWhiteSpace(line[i + 1]))
                    word.Append(line[++i]);
            }
            else
            {
                word.Append(c);
            }
        }
        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }

    private static int ClosingQuote(string line, int open)
    {
        for (int i = open + 1; i < line.Length; i++)
        {
            if (line[i] == line[open])
                return i;
            if (line[i] == '\\' && line[open] == '"')
                i++;
        }
        return -1;
    }
}
