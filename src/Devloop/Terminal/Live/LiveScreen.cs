using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Devloop.Cli.Terminal.Live;

/// <summary>
/// Keeps a block of lines at the bottom of what was written so far. Text goes above it and scrolls away as ordinary text. There is no
/// alternate screen and the cursor is never hidden, so there is nothing that could stay broken when the process dies: the cursor waits in
/// the line below the block. Every change is one write. Safe for use by several threads.
/// </summary>
public sealed partial class LiveScreen : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TextWriter _terminal;
    private readonly Func<(int Width, int Height)> _size;
    private readonly StringWriter _drawn = new() { NewLine = "\n" };
    private readonly IAnsiConsole _pen;
    private string[] _lines = [];
    private int _width;

    /// <param name="terminal">Where the block stands. What else is written there has to come through <see cref="Write"/>.</param>
    /// <param name="size">Of the terminal now, in cells and lines.</param>
    public LiveScreen(TextWriter terminal, Func<(int Width, int Height)> size, bool color)
    {
        (_terminal, _size) = (terminal, size);
        _pen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(_drawn),
            Ansi = color ? AnsiSupport.Yes : AnsiSupport.No, // without colour nothing is bold or dim either, as in the lines above
            ColorSystem = color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
    }

    /// <summary>Puts another block in the place of the one that stands; nothing is written when both look the same.</summary>
    public void Draw(Func<int, int, IEnumerable<IRenderable>> picture)
    {
        lock (_lock)
        {
            (int width, int height) = _size();
            string[] lines = Lines(picture(width, height), width);
            if (lines.SequenceEqual(_lines, StringComparer.Ordinal))
                return;
            var text = new StringBuilder();
            Up(text, width);
            // A terminal remembers which of its rows it broke, and joins them again when it grows: only cleared rows forget that.
            if (width != _width)
                text.Append("\e[J");
            _width = width;
            foreach (string line in lines)
                text.Append(line).Append("\e[K\n"); // each line covers what stood there, so that nothing flickers
            text.Append("\e[J");
            _lines = lines;
            Send(text);
        }
    }

    /// <summary>Writes whole lines above the block.</summary>
    public void Write(TextWriter writer, string lines)
    {
        lock (_lock)
        {
            if (_lines.Length == 0)
            {
                writer.Write(lines);
                return;
            }
            (int width, _) = _size();
            var text = new StringBuilder();
            Up(text, width);
            text.Append("\e[J");
            if (!ReferenceEquals(writer, _terminal))
            {
                // Two streams, one terminal: each must be out before the other goes on.
                Send(text);
                text.Clear();
                writer.Write(lines);
                writer.Flush();
            }
            else
            {
                text.Append(lines);
            }
            foreach (string line in _lines)
                text.Append(line).Append('\n');
            Send(text);
        }
    }

    /// <summary>Takes the block away.</summary>
    public void Erase() => Draw((_, _) => []);

    /// <summary>What stands on the terminal is not where it was: the next block goes below it.</summary>
    public void Forget()
    {
        lock (_lock)
            _lines = [];
    }

    public void Dispose()
    {
        Erase();
        _drawn.Dispose();
    }

    private string[] Lines(IEnumerable<IRenderable> picture, int width)
    {
        _pen.Profile.Width = Math.Max(1, width);
        _drawn.GetStringBuilder().Clear();
        foreach (IRenderable line in picture)
        {
            _pen.Write(line);
            _drawn.Write('\n');
        }
        return _drawn.ToString().Split('\n')[..^1];
    }

    /// <summary>To the block's first line. A terminal that became narrower has broken its lines into several.</summary>
    private void Up(StringBuilder text, int width)
    {
        if (_lines.Length == 0)
            return;
        int rows = _lines.Sum(line => Math.Max(1, (CellText.Width(Codes().Replace(line, "")) + width - 1) / Math.Max(1, width)));
        text.Append(CultureInfo.InvariantCulture, $"\r\e[{rows}A");
    }

    private void Send(StringBuilder text)
    {
        _terminal.Write(text.ToString());
        _terminal.Flush();
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Codes();
}
