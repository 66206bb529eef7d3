using System.Text;

namespace Devloop.Adapters.BuildKit.Progress;

/// <summary>
/// Puts chunks of output together to whole lines. A carriage return starts its line over, as on a terminal, so that of a
/// progress bar the last state stays.
/// </summary>
internal sealed class LineBuffer
{
    private const int LongestLine = 64 * 1024; // bytes; a longer one is given out in pieces

    private readonly Decoder _decoder = new UTF8Encoding(false).GetDecoder();
    private readonly StringBuilder _open = new();
    private bool _returned;

    /// <summary>The lines that a chunk completes.</summary>
    public List<string> Add(ReadOnlySpan<byte> chunk)
    {
        var lines = new List<string>();
        Span<char> text = chunk.Length <= 1024 ? stackalloc char[chunk.Length + 1] : new char[chunk.Length + 1];
        int count = _decoder.GetChars(chunk, text, flush: false);
        foreach (char c in text[..count])
        {
            if (c == '\n')
            {
                lines.Add(Take());
                continue;
            }
            if (c == '\r')
            {
                _returned = true;
                continue;
            }
            if (_returned)
            {
                _open.Clear();
                _returned = false;
            }
            _open.Append(c);
            if (_open.Length >= LongestLine)
                lines.Add(Take());
        }
        return lines;
    }

    /// <summary>What came after the last end of line; null when there is nothing.</summary>
    public string? Rest() => _open.Length == 0 ? null : Take();

    private string Take()
    {
        string line = _open.ToString();
        _open.Clear();
        _returned = false;
        return line;
    }
}
