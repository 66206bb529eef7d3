using System.Collections.Immutable;
using System.Text;

namespace Devloop.Planning.Live;

/// <summary>Reads the simple part of the shell's language.</summary>
internal static class ShellWords
{
    /// <summary>Commands that only set the scene: what they do is the same whatever files hold.</summary>
    private static readonly ImmutableHashSet<string> Scenery = ["cd", "export", "set", "umask", "ulimit", "trap", "mkdir", "echo", "printf", "sleep", "true", ":", "exec"];

    /// <summary>
    /// The words of the last of the commands that a text runs one after the other: the one that stays. Null for a text that does more than
    /// that: pipes, several at once, loops, substitutions, redirections.
    /// </summary>
    /// <param name="prepares">A command before it may have made something of files.</param>
    public static ImmutableArray<string>? LastCommand(string text, out bool prepares)
    {
        prepares = false;
        var words = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        bool isWord = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else if (c == '\\' && quote == '"' && i + 1 < text.Length)
                    word.Append(text[++i]);
                else if (c == '`' && quote == '"')
                    return null;
                else
                    word.Append(c);
                continue;
            }
            bool isJoin = c is ';' or '\n' || (c == '&' && i + 1 < text.Length && text[i + 1] == '&');
            if (c is ' ' or '\t' || isJoin)
            {
                if (isWord)
                    words.Add(word.ToString());
                word.Clear();
                isWord = false;
                if (!isJoin)
                    continue;
                i += c == '&' ? 1 : 0;
                // What follows is the last command, unless nothing does.
                if (string.IsNullOrWhiteSpace(text[(i + 1)..]))
                    continue;
                prepares |= words.Count > 0 && !Scenery.Contains(words[0]);
                words.Clear();
                continue;
            }
            if (c == '$' && text.AsSpan(i + 1).StartsWith("{") && text.IndexOf('}', i) is >= 0 and var close)
            {
                // The value of a variable: an argument, whatever it is.
                word.Append(text, i, close - i + 1);
                (isWord, i) = (true, close);
                continue;
            }
            if (c is '|' or '&' or '`' or '<' or '>' or '(' or ')' or '{' or '}' or '#')
                return null;
            isWord = true;
            if (c is '\'' or '"')
                quote = c;
            else if (c == '\\' && i + 1 < text.Length)
                word.Append(text[++i]);
            else
                word.Append(c);
        }
        if (isWord)
            words.Add(word.ToString());
        return quote != '\0' || words.Count == 0 || words[0] is "done" or "fi" or "esac" ? null : words.ToImmutable();
    }
}
