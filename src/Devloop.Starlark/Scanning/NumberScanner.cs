using System.Globalization;
using System.Numerics;

namespace Devloop.Starlark.Scanning;

/// <summary>Ints in base 8, 10 and 16, and floats.</summary>
internal static class NumberScanner
{
    public static bool StartsHere(Cursor cursor) => char.IsAsciiDigit(cursor.Current) || (cursor.Current == '.' && char.IsAsciiDigit(cursor.Peek(1)));

    public static Token Scan(Cursor cursor, ICollection<Problem> problems)
    {
        int start = cursor.Offset;
        int radix = cursor.Current != '0' ? 10 : char.ToLowerInvariant(cursor.Peek(1)) switch { 'x' => 16, 'o' => 8, _ => 10 };
        (TokenKind kind, string? problem, Literal? literal) = radix == 10 ? Decimal(cursor, start) : Prefixed(cursor, start, radix);
        // A number ends where no letter or digit follows; `0b1` and `1x` are mistakes, not a number and a name.
        int end = cursor.Offset;
        cursor.MoveWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        if (problem is null && cursor.Offset > end)
            problem = $"`{cursor.Since(start)}` is not a number";
        Span span = Span.Between(start, cursor.Offset);
        if (problem is not null)
            problems.Add(new Problem(problem, span));
        return new Token(kind, span, literal);
    }

    private static (TokenKind, string?, Literal?) Prefixed(Cursor cursor, int start, int radix)
    {
        cursor.Move(2);
        int digits = cursor.Offset;
        var value = BigInteger.Zero;
        if (radix == 16)
        {
            cursor.MoveWhile(char.IsAsciiHexDigit);
            BigInteger.TryParse("0" + cursor.Since(digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        }
        else
        {
            cursor.MoveWhile(c => c is >= '0' and <= '7');
            foreach (char digit in cursor.Since(digits))
                value = (value << 3) + (digit - '0');
        }
        return (TokenKind.Int, cursor.Offset == digits ? $"`{cursor.Since(start)}` has no digits" : null, new Literal.Int(value));
    }

    private static (TokenKind, string?, Literal?) Decimal(Cursor cursor, int start)
    {
        cursor.MoveWhile(char.IsAsciiDigit);
        bool isFloat = cursor.Current == '.';
        if (isFloat)
        {
            cursor.Move();
            cursor.MoveWhile(char.IsAsciiDigit);
        }
        int sign = cursor.Peek(1) is '+' or '-' ? 1 : 0;
        if (cursor.Current is 'e' or 'E' && char.IsAsciiDigit(cursor.Peek(1 + sign)))
        {
            isFloat = true;
            cursor.Move(1 + sign);
            cursor.MoveWhile(char.IsAsciiDigit);
        }
        string text = cursor.Since(start);
        if (!isFloat)
        {
            // `0` alone begins with 0; octal is written `0o17`, so that nobody takes `017` for the one or the other.
            string? octal = text.Length > 1 && text[0] == '0' ? $"`{text}` begins with 0; octal is written `0o{text.TrimStart('0')}`" : null;
            return (TokenKind.Int, octal, new Literal.Int(BigInteger.Parse(text, CultureInfo.InvariantCulture)));
        }
        double value = double.Parse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        return double.IsFinite(value)
            ? (TokenKind.Float, null, new Literal.Float(value))
            : (TokenKind.Float, "the number is too large for a float", new Literal.Float(double.MaxValue));
    }
}
