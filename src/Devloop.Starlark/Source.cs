namespace Devloop.Starlark;

/// <summary>The text of one module, and where its lines begin.</summary>
public sealed class Source
{
    private readonly List<int> _lineStarts = [0];

    /// <param name="name">What messages call it, such as a path; never opened.</param>
    public Source(string name, string text)
    {
        (Name, Text) = (name, text);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                _lineStarts.Add(i + 1);
        }
    }

    public string Name { get; }

    public string Text { get; }

    public string TextOf(Span span) => Text.Substring(span.Start, span.Length);

    /// <param name="offset">From 0 to the length of the text, which is the place after its last unit.</param>
    public Position PositionOf(int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Text.Length);
        int found = _lineStarts.BinarySearch(offset);
        int line = found >= 0 ? found : ~found - 1;
        return new Position(line + 1, offset - _lineStarts[line] + 1);
    }
}

/// <summary>A place for people: line and column, both from 1; a column is a UTF-16 unit, as editors count.</summary>
public readonly record struct Position(int Line, int Column)
{
    public override string ToString() => $"{Line}:{Column}";
}
