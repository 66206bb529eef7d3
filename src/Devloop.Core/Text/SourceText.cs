namespace Devloop.Text;

/// <summary>
/// A file that a user wrote: its name as the user knows it, its text, and where its lines begin.
/// </summary>
public sealed class SourceText
{
    private readonly int[] _lineStarts;

    /// <param name="file">The path to show in messages; relative to the project, with <c>/</c>.</param>
    /// <param name="content">The whole text; line ends may be LF, CRLF or CR.</param>
    public SourceText(string file, string content)
    {
        File = file;
        Content = content;
        _lineStarts = FindLineStarts(content);
    }

    public string File { get; }

    public string Content { get; }

    /// <summary>The number of lines; an empty text has one.</summary>
    public int LineCount => _lineStarts.Length;

    /// <summary>A span of this text, cut to what is there.</summary>
    public SourceSpan Span(int start, int length)
    {
        start = Math.Clamp(start, 0, Content.Length);
        return new SourceSpan(this, start, Math.Clamp(length, 0, Content.Length - start));
    }

    /// <summary>The span of a whole line without its end; lines count from 1.</summary>
    public SourceSpan Line(int line) => Span(LineStart(line), LineText(line).Length);

    /// <summary>The offset at which a line begins; lines count from 1.</summary>
    public int LineStart(int line) => _lineStarts[Math.Clamp(line, 1, LineCount) - 1];

    /// <summary>A line without its end; lines count from 1.</summary>
    public string LineText(int line)
    {
        int start = LineStart(line);
        int end = line >= LineCount ? Content.Length : _lineStarts[line];
        return Content[start..end].TrimEnd('\r', '\n');
    }

    /// <summary>Line and column of an offset, both from 1; columns count UTF-16 units.</summary>
    public SourcePosition Position(int offset)
    {
        int found = Array.BinarySearch(_lineStarts, offset);
        int line = found >= 0 ? found : ~found - 1;
        return new SourcePosition(line + 1, offset - _lineStarts[line] + 1);
    }

    private static int[] FindLineStarts(string content)
    {
        var starts = new List<int> { 0 };
        ReadOnlySpan<char> rest = content;
        for (int at = 0; rest.IndexOfAny('\n', '\r') is >= 0 and var end;)
        {
            int next = end + (rest[end] == '\r' && end + 1 < rest.Length && rest[end + 1] == '\n' ? 2 : 1);
            starts.Add(at += next);
            rest = rest[next..];
        }
        return [.. starts];
    }
}
