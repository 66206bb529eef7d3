using System.Collections.Immutable;
using System.Text;

namespace Devloop.Starlark.Scanning;

/// <summary>Gathers what a literal denotes: UTF-16 text, or bytes in which text stands as UTF-8.</summary>
internal sealed class LiteralContent(bool isBytes)
{
    private readonly StringBuilder _text = new();
    private readonly List<byte> _bytes = [];

    public bool IsBytes => isBytes;

    public void Add(char unit) => Add([unit]);

    public void Add(ReadOnlySpan<char> text)
    {
        if (!isBytes)
        {
            _text.Append(text);
            return;
        }
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        _bytes.AddRange(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>One element by its number: any byte of bytes, ASCII only of text.</summary>
    public void AddElement(byte value)
    {
        if (isBytes)
            _bytes.Add(value);
        else
            _text.Append((char)value);
    }

    public Literal ToLiteral() => isBytes ? new Literal.Bytes([.. _bytes]) : new Literal.Text(_text.ToString());
}
