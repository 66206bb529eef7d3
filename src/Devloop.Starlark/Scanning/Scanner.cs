using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Devloop.Starlark.Scanning;

/// <summary>
/// Breaks a text into tokens, as the "Lexical elements" of the Starlark specification say. Never throws: whatever the text holds,
/// tokens come to its end, and what is wrong comes as problems beside them. Between tokens stand only white space, comments and joined lines.
/// </summary>
public sealed class Scanner
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly Cursor _cursor;
    private readonly ImmutableArray<Token>.Builder _tokens = ImmutableArray.CreateBuilder<Token>();
    private readonly List<Problem> _problems = [];
    private readonly Stack<int> _indents = new([0]);
    private int _brackets;
    private bool _atLineStart = true;

    private Scanner(string text) => _cursor = new Cursor(text);

    public static Scan Scan(Source source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new Scanner(source.Text).Run();
    }

    private Scan Run()
    {
        if (_cursor.Current == ByteOrderMark)
            _cursor.Move();
        while (!_cursor.AtEnd)
        {
            if (_atLineStart)
                TakeIndentation();
            else
                TakeToken();
        }
        EndLine(0);
        while (_indents.Pop() > 0)
            Add(TokenKind.Outdent, 0);
        Add(TokenKind.EndOfFile, 0);
        return new Scan(_tokens.ToImmutable(), [.. _problems.OrderBy(p => p.At.Start)]);
    }

    /// <summary>White space before the first token of a line opens and closes blocks; lines without a token do not count.</summary>
    private void TakeIndentation()
    {
        int start = _cursor.Offset;
        _cursor.MoveWhile(c => c is ' ' or '\t' || IsLoneReturn());
        if (_cursor.AtEnd)
            return;
        if (_cursor.NewlineLength is > 0 and var newline)
        {
            _cursor.Move(newline);
            return;
        }
        if (_cursor.Current == '#')
        {
            _cursor.MoveWhile(c => c != '\n');
            return;
        }
        _atLineStart = false;
        Span indentation = Span.Between(start, _cursor.Offset);
        if (_cursor.Since(start).Contains('\t', StringComparison.Ordinal))
            _problems.Add(new Problem("a tab indents; lines are indented by spaces", indentation));
        SetIndent(indentation);
    }

    private void SetIndent(Span indentation)
    {
        int width = indentation.Length;
        if (width > _indents.Peek())
        {
            _indents.Push(width);
            _tokens.Add(new Token(TokenKind.Indent, indentation));
            return;
        }
        while (width < _indents.Peek())
        {
            _indents.Pop();
            Add(TokenKind.Outdent, 0);
            if (width > _indents.Peek())
            {
                _problems.Add(new Problem("the indentation is that of no block around it", indentation));
                // As if it were the block's own: one mistake, one problem.
                _indents.Push(width);
                _tokens.RemoveAt(_tokens.Count - 1);
                return;
            }
        }
    }

    private void TakeToken()
    {
        char c = _cursor.Current;
        if (_cursor.NewlineLength is > 0 and var newline)
        {
            if (_brackets == 0)
                EndLine(newline);
            else
                _cursor.Move(newline);
        }
        else if (c is ' ' or '\t' or '\r')
        {
            _cursor.Move();
        }
        else if (c == '#')
        {
            _cursor.MoveWhile(ch => ch != '\n' && _cursor.NewlineLength == 0);
        }
        else if (c == '\\' && _cursor.Peek(1) is '\n' or '\r')
        {
            _cursor.Move();
            _cursor.Move(Math.Max(_cursor.NewlineLength, 1));
        }
        else if (StringScanner.StartsHere(_cursor))
        {
            _tokens.Add(StringScanner.Scan(_cursor, _problems));
        }
        else if (NumberScanner.StartsHere(_cursor))
        {
            _tokens.Add(NumberScanner.Scan(_cursor, _problems));
        }
        else if (IsNamePart(_cursor.Rune))
        {
            TakeWord();
        }
        else
        {
            TakePunctuation();
        }
    }

    private void TakeWord()
    {
        int start = _cursor.Offset;
        Rune first = _cursor.Rune;
        while (!_cursor.AtEnd && IsNamePart(_cursor.Rune))
            _cursor.Move(_cursor.RuneLength);
        string word = _cursor.Since(start);
        Span span = Span.Between(start, _cursor.Offset);
        if (Keywords.Find(word) is { } keyword)
        {
            _tokens.Add(new Token(keyword, span));
            return;
        }
        if (Keywords.IsReserved(word))
            _problems.Add(new Problem($"`{word}` is reserved and cannot be a name", span));
        else if (Rune.IsDigit(first))
            _problems.Add(new Problem($"`{word}` begins with a digit", span));
        _tokens.Add(new Token(TokenKind.Identifier, span, new Literal.Name(word)));
    }

    private void TakePunctuation()
    {
        if (Punctuation.Find(_cursor.Rest) is { } found)
        {
            // A bracket too many is the parser's to tell; here it must not make lines join for the rest of the text.
            if (found.Kind is TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace)
                _brackets++;
            else if (found.Kind is TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace)
                _brackets = Math.Max(_brackets - 1, 0);
            Add(found.Kind, found.Length);
            return;
        }
        int length = _cursor.RuneLength;
        Rune rune = _cursor.Rune;
        string shown = Rune.IsControl(rune) ? string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}") : rune.ToString();
        string help = rune.Value == '!' ? "; not is written `not`" : "";
        _problems.Add(new Problem($"`{shown}` is no part of the language{help}", new Span(_cursor.Offset, length)));
        Add(TokenKind.Invalid, length);
    }

    /// <summary>Ends the logical line, if there is one.</summary>
    private void EndLine(int length)
    {
        if (!_atLineStart)
            Add(TokenKind.Newline, length);
        _atLineStart = true;
    }

    private void Add(TokenKind kind, int length)
    {
        _tokens.Add(new Token(kind, new Span(_cursor.Offset, length)));
        _cursor.Move(length);
    }

    /// <summary>Half of a pair of units decodes to U+FFFD, which is no letter.</summary>
    private static bool IsNamePart(Rune rune) =>
        rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    private bool IsLoneReturn() => _cursor.Current == '\r' && _cursor.NewlineLength == 0;
}
