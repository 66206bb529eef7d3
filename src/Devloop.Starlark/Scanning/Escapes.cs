using System.Globalization;
using System.Text;

namespace Devloop.Starlark.Scanning;

/// <summary>What a backslash begins in a literal that is not raw.</summary>
internal static class Escapes
{
    /// <summary>Octal and hexadecimal escapes of text are ASCII; beyond it, Unicode escapes say what is meant in every encoding.</summary>
    private const int MostOfText = 127;

    public static void Take(Cursor cursor, LiteralContent content, ICollection<Problem> problems)
    {
        int start = cursor.Offset;
        cursor.Move();
        if (cursor.NewlineLength is > 0 and var newline)
        {
            cursor.Move(newline);
            return;
        }
        char kind = cursor.Current;
        string? problem = null;
        if (Traditional(kind) is { } plain)
        {
            content.Add(plain);
            cursor.Move();
        }
        else if (kind is >= '0' and <= '7')
        {
            problem = Element(content, Digits(cursor, most: 3, c => c is >= '0' and <= '7'), 8);
        }
        else if (kind == 'x')
        {
            cursor.Move();
            string digits = Digits(cursor, most: 2, char.IsAsciiHexDigit);
            problem = digits.Length == 2 ? Element(content, digits, 16) : "`\\x` takes two hexadecimal digits";
        }
        else if (kind is 'u' or 'U')
        {
            cursor.Move();
            problem = Unicode(content, kind, Digits(cursor, kind == 'u' ? 4 : 8, char.IsAsciiHexDigit));
        }
        else if (!cursor.AtEnd)
        {
            problem = $"`\\{cursor.Rune}` is not an escape; a backslash is written `\\\\`";
            int units = cursor.RuneLength;
            content.Add('\\');
            content.Add(cursor.Rest[..units]);
            cursor.Move(units);
        }
        if (problem is not null)
            problems.Add(new Problem(problem, Span.Between(start, cursor.Offset)));
    }

    private static char? Traditional(char kind) => kind switch
    {
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        '\\' or '\'' or '"' => kind,
        _ => null,
    };

    private static string Digits(Cursor cursor, int most, Func<char, bool> isDigit)
    {
        int start = cursor.Offset;
        cursor.MoveWhile(c => isDigit(c) && cursor.Offset - start < most);
        return cursor.Since(start);
    }

    private static string? Element(LiteralContent content, string digits, int radix)
    {
        int value = Convert.ToInt32(digits, radix);
        int most = content.IsBytes ? byte.MaxValue : MostOfText;
        if (value <= most)
        {
            content.AddElement((byte)value);
            return null;
        }
        return content.IsBytes ? "the escape is larger than a byte" : "the escape is larger than 127; `\\u` writes other characters";
    }

    private static string? Unicode(LiteralContent content, char kind, string digits)
    {
        int wanted = kind == 'u' ? 4 : 8;
        if (digits.Length < wanted)
            return $"`\\{kind}` takes {wanted} hexadecimal digits";
        uint value = uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!Rune.TryCreate(value, out Rune rune))
            return $"`\\{kind}{digits}` is not a character";
        content.Add(rune.ToString());
        return null;
    }
}
