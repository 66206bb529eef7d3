using System.Collections.Immutable;

namespace Devloop.Dockerfiles;

/// <summary>
/// A pattern over slash-separated paths in the language of <c>.dockerignore</c>: <c>*</c> and <c>?</c> do not match a slash,
/// <c>**</c> does, <c>[a-z]</c> and <c>[^a-z]</c> are classes, a backslash takes the meaning off the next character.
/// Matches whole paths. The work is bounded by pattern length × path length; plain patterns are compared as strings.
/// </summary>
internal sealed class GlobPattern
{
    private readonly string _text;
    private readonly Form _form;
    private readonly ImmutableArray<Token> _tokens = [];
    private readonly string _literalStart = "";
    private readonly string _literalEnd = "";

    private GlobPattern(string text)
    {
        _text = text;
        _form = FormOf(text);
        if (_form != Form.Tokens)
            return;
        _tokens = Tokenize(text);
        _literalStart = string.Concat(_tokens.TakeWhile(t => t.Kind == TokenKind.Literal).Select(t => t.Character));
        _literalEnd = string.Concat(_tokens.Reverse().TakeWhile(t => t.Kind == TokenKind.Literal).Reverse().Select(t => t.Character));
    }

    private enum Form
    {
        /// <summary>The path itself.</summary>
        Exact,

        /// <summary>Plain text and then <c>**</c>: a beginning.</summary>
        Start,

        /// <summary><c>**</c> and then plain text: an end; <c>**/a</c> is <c>a</c> too.</summary>
        End,

        Tokens,
    }

    private enum TokenKind
    {
        Literal,
        NotSlash,
        NotSlashes,

        /// <summary><c>**</c> before more: nothing, or anything up to and with a slash.</summary>
        Directories,

        /// <summary><c>**</c> at the end.</summary>
        Anything,
        Class,

        /// <summary>A bare <c>^</c>: where others match, the start of the path. An accident of the moby matcher, kept.</summary>
        PathStart,
    }

    /// <summary>The pattern, or null when its syntax is wrong by Go's <c>filepath.Match</c>.</summary>
    public static GlobPattern? TryParse(string text) => IsValid(text) ? new GlobPattern(text) : null;

    public static bool HasWildcards(string text) => text.AsSpan().IndexOfAny("*?[\\") >= 0;

    public bool Matches(ReadOnlySpan<char> path)
    {
        switch (_form)
        {
            case Form.Exact:
                return path.SequenceEqual(_text);
            case Form.Start:
                return path.StartsWith(_text.AsSpan(0, _text.Length - 2), StringComparison.Ordinal);
            case Form.End:
                ReadOnlySpan<char> end = _text.AsSpan(2);
                return path.EndsWith(end, StringComparison.Ordinal) || (end.Length > 0 && end[0] == '/' && path.SequenceEqual(end[1..]));
            default:
                return path.StartsWith(_literalStart, StringComparison.Ordinal) && path.EndsWith(_literalEnd, StringComparison.Ordinal) && MatchTokens(path);
        }
    }

    private static Form FormOf(string text)
    {
        bool startsDouble = text.StartsWith("**", StringComparison.Ordinal);
        ReadOnlySpan<char> middle = startsDouble ? text.AsSpan(2) : text;
        if (middle.IndexOfAny("*?[]\\") < 0)
            return startsDouble ? Form.End : Form.Exact;
        bool endsDouble = !startsDouble && text.EndsWith("**", StringComparison.Ordinal) && text.AsSpan(0, text.Length - 2).IndexOfAny("*?[]\\") < 0;
        return endsDouble ? Form.Start : Form.Tokens;
    }

    private static ImmutableArray<Token> Tokenize(string text)
    {
        var tokens = ImmutableArray.CreateBuilder<Token>();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '*' when i + 1 < text.Length && text[i + 1] == '*':
                    i++;
                    if (i + 1 < text.Length && text[i + 1] == '/')
                        i++;
                    tokens.Add(new Token(i + 1 == text.Length ? TokenKind.Anything : TokenKind.Directories));
                    break;
                case '*':
                    tokens.Add(new Token(TokenKind.NotSlashes));
                    break;
                case '?':
                    tokens.Add(new Token(TokenKind.NotSlash));
                    break;
                case '[':
                    tokens.Add(new Token(TokenKind.Class, Class: CharacterClass.Read(text, ref i)));
                    break;
                case '^':
                    tokens.Add(new Token(TokenKind.PathStart));
                    break;
                case '\\':
                    tokens.Add(new Token(TokenKind.Literal, text[++i]));
                    break;
                default:
                    tokens.Add(new Token(TokenKind.Literal, c));
                    break;
            }
        }
        return tokens.ToImmutable();
    }

    /// <summary>Go's rules: a class is closed and holds something, a range has both ends, a backslash has something behind it.</summary>
    private static bool IsValid(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                if (++i == text.Length)
                    return false;
            }
            else if (text[i] == '[' && !CharacterClass.Skip(text, ref i))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Keeps the set of places in the path that the tokens so far can reach.</summary>
    private bool MatchTokens(ReadOnlySpan<char> path)
    {
        int size = path.Length + 1;
        Span<bool> reached = size <= 512 ? stackalloc bool[size] : new bool[size];
        Span<bool> next = size <= 512 ? stackalloc bool[size] : new bool[size];
        reached.Clear();
        reached[0] = true;
        foreach (Token token in _tokens)
        {
            next.Clear();
            bool any = false, open = false;
            for (int i = 0; i < size; i++)
            {
                switch (token.Kind)
                {
                    case TokenKind.NotSlashes:
                        open |= reached[i];
                        next[i] = open;
                        any |= open;
                        open &= i < path.Length && path[i] != '/';
                        break;
                    case TokenKind.Anything:
                        open |= reached[i];
                        next[i] = open;
                        any |= open;
                        break;
                    case TokenKind.Directories:
                        next[i] = reached[i] || (open && path[i - 1] == '/');
                        any |= next[i];
                        open |= reached[i];
                        break;
                    case TokenKind.PathStart:
                        next[i] = i == 0 && reached[0];
                        any |= next[i];
                        break;
                    default:
                        if (reached[i] && i < path.Length && token.MatchesOne(path[i]))
                            any = next[i + 1] = true;
                        break;
                }
            }
            if (!any)
                return false;
            Span<bool> swap = reached;
            reached = next;
            next = swap;
        }
        return reached[size - 1];
    }

    private readonly record struct Token(TokenKind Kind, char Character = '\0', CharacterClass? Class = null)
    {
        public bool MatchesOne(char c) => Kind switch
        {
            TokenKind.Literal => c == Character,
            TokenKind.NotSlash => c != '/',
            _ => Class!.Contains(c),
        };
    }
}
