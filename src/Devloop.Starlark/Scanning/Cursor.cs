using System.Text;

namespace Devloop.Starlark.Scanning;

/// <summary>A place in a text that only moves on. Past the end it sees NUL; <see cref="AtEnd"/> tells that from a NUL in the text.</summary>
internal sealed class Cursor(string text)
{
    public int Offset { get; private set; }

    public bool AtEnd => Offset >= text.Length;

    public char Current => Peek(0);

    public ReadOnlySpan<char> Rest => text.AsSpan(Offset);

    public char Peek(int ahead) => Offset + ahead < text.Length ? text[Offset + ahead] : '\0';

    /// <summary>Never beyond the end.</summary>
    public void Move(int count = 1) => Offset = Math.Min(Offset + count, text.Length);

    public void MoveWhile(Func<char, bool> holds)
    {
        while (!AtEnd && holds(Current))
            Offset++;
    }

    public string Since(int start) => text[start..Offset];

    /// <summary>The length of the line ending here: 1 for LF, 2 for CR LF, 0 for none.</summary>
    public int NewlineLength => Current == '\n' ? 1 : Current == '\r' && Peek(1) == '\n' ? 2 : 0;

    /// <summary>The character here, which may be two units; half of a pair is U+FFFD.</summary>
    public Rune Rune
    {
        get
        {
            Rune.DecodeFromUtf16(Rest, out Rune rune, out _);
            return rune;
        }
    }

    /// <summary>Units of the character here, at least 1.</summary>
    public int RuneLength
    {
        get
        {
            Rune.DecodeFromUtf16(Rest, out _, out int length);
            return Math.Max(length, 1);
        }
    }
}
