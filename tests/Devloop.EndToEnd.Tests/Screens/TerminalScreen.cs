using System.Text;

namespace Devloop.EndToEnd.Tests.Screens;

/// <summary>
/// A terminal in memory that knows what the live view writes: text, line feed (with the carriage return that a tty adds), carriage return,
/// cursor up, erase to the end of line and of screen, colours. Lines that are too long wrap; what leaves at the top is kept.
/// </summary>
internal sealed class TerminalScreen(int width, int height) : StringWriter
{
    private readonly List<StringBuilder> _rows = [new()];
    private int _row, _column;

    /// <summary>Everything that was ever on it and not erased, without trailing blanks.</summary>
    public string Text => string.Join('\n', _rows.Select(r => r.ToString().TrimEnd())).TrimEnd('\n') + "\n";

    /// <summary>Where the cursor stands, from the first line that was ever written.</summary>
    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>How many times something was written.</summary>
    public int Writes { get; private set; }

    public override void Write(string? value)
    {
        Writes++;
        string text = value ?? "";
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e')
                i = Code(text, i + 2);
            else if (text[i] == '\n')
                (_row, _column) = (_row + 1, 0);
            else if (text[i] == '\r')
                _column = 0;
            else
                Put(text[i]);
            while (_rows.Count <= _row)
                _rows.Add(new StringBuilder());
        }
    }

    private void Put(char c)
    {
        if (_column == width)
            (_row, _column) = (_row + 1, 0);
        while (_rows.Count <= _row)
            _rows.Add(new StringBuilder());
        StringBuilder row = _rows[_row];
        if (row.Length <= _column)
            row.Append(' ', _column + 1 - row.Length);
        row[_column++] = c;
    }

    /// <param name="at">Behind the bracket.</param>
    /// <returns>Where the code ends.</returns>
    private int Code(string text, int at)
    {
        int end = at;
        while (!char.IsLetter(text[end]))
            end++;
        int number = int.TryParse(text[at..end], out int n) ? n : 0;
        switch (text[end])
        {
            case 'A':
                // The cursor stops at the first row of the screen; what scrolled out is out of reach.
                _row = Math.Max(Math.Max(0, _rows.Count - height), _row - number);
                break;
            case 'K':
                _rows[_row].Length = Math.Min(_rows[_row].Length, _column);
                break;
            case 'J':
                _rows[_row].Length = Math.Min(_rows[_row].Length, _column);
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
            case 'm':
                break;
            default:
                throw new InvalidOperationException($"the terminal does not know `{text[at..(end + 1)]}`");
        }
        return end;
    }
}
