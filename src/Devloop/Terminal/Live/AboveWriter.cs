using System.Text;

namespace Devloop.Cli.Terminal.Live;

/// <summary>A stream whose lines go above the live block. A line that is not whole yet waits for its end.</summary>
internal sealed class AboveWriter(LiveScreen screen, TextWriter writer) : TextWriter
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _open = new();

    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        lock (_lock)
        {
            _open.Append(value);
            string text = _open.ToString();
            int end = text.LastIndexOf('\n') + 1;
            if (end == 0)
                return;
            _open.Remove(0, end);
            screen.Write(writer, text[..end]);
        }
    }

    public override void Flush()
    {
        lock (_lock)
        {
            if (_open.Length > 0)
                screen.Write(writer, _open.ToString());
            _open.Clear();
        }
        writer.Flush();
    }
}
