using Devloop.Cli.Terminal.Live;
using Spectre.Console;

namespace Devloop.EndToEnd.Tests.Screens;

public sealed class LiveScreenTests : IDisposable
{
    private readonly TerminalScreen _terminal = new(40, 10);
    private readonly LiveScreen _screen;
    private (int Width, int Height) _size = (40, 10);

    public LiveScreenTests() => _screen = new LiveScreen(_terminal, () => _size, color: false);

    [Fact]
    public void Text_goes_above_the_block_and_stays()
    {
        Draw("one", "two");
        _screen.Write(_terminal, "first\n");
        Draw("three", "four");
        _screen.Write(_terminal, "second\nthird\n");
        _terminal.Text.ShouldBe("first\nsecond\nthird\nthree\nfour\n");
        _terminal.Cursor.ShouldBe((5, 0));
    }

    [Fact]
    public void A_smaller_block_leaves_nothing_of_the_larger_one()
    {
        Draw("a long line", "b", "c");
        Draw("short");
        _terminal.Text.ShouldBe("short\n");
        _screen.Erase();
        _terminal.Text.ShouldBe("\n");
        _terminal.Cursor.ShouldBe((0, 0));
    }

    [Fact]
    public void The_same_block_again_is_not_written_and_another_one_is_a_single_write()
    {
        Draw("one", "two");
        int before = _terminal.Writes;
        Draw("one", "two");
        _terminal.Writes.ShouldBe(before);
        Draw("one", "three");
        _terminal.Writes.ShouldBe(before + 1);
    }

    [Fact]
    public void Lines_that_scroll_out_of_the_screen_are_kept()
    {
        Draw("block", "sum");
        for (int i = 0; i < 30; i++)
        {
            _screen.Write(_terminal, $"line {i}\n");
            Draw($"block {i}", "sum");
        }
        _terminal.Text.ShouldBe(string.Concat(Enumerable.Range(0, 30).Select(i => $"line {i}\n")) + "block 29\nsum\n");
    }

    [Fact]
    public void Another_stream_on_the_same_terminal_goes_above_too()
    {
        Draw("block");
        var log = new Relay(_terminal);
        _screen.Write(log, "from stdout\n");
        Draw("block two");
        _terminal.Text.ShouldBe("from stdout\nblock two\n");
    }

    [Fact]
    public void Lines_that_a_narrower_terminal_broke_are_all_erased()
    {
        _screen.Write(_terminal, "above\n");
        // The terminal breaks the line of 30 into two of 20 at most, as it does when it is made narrower.
        using var narrow = new TerminalScreen(20, 10);
        using var screen = new LiveScreen(narrow, () => _size, color: false);
        screen.Write(narrow, "above\n");
        screen.Draw((_, _) => [new Paragraph(new string('x', 30)), new Paragraph("sum")]);
        _size = (20, 10);
        screen.Draw((_, _) => [new Paragraph("new")]);
        narrow.Text.ShouldBe("above\nnew\n");
    }

    [Fact]
    public void After_the_terminal_was_used_by_another_the_next_block_stands_below()
    {
        Draw("block");
        _terminal.Write("[1]+  Stopped\n");
        _screen.Forget();
        Draw("block again");
        _terminal.Text.ShouldBe("block\n[1]+  Stopped\nblock again\n");
    }

    [Fact]
    public void What_stands_there_is_never_cleared_and_the_cursor_never_hidden()
    {
        var raw = new StringWriter();
        using (var screen = new LiveScreen(raw, () => _size, color: true))
        {
            screen.Draw((_, _) => [new Paragraph("a", new Style(Color.Green)), new Paragraph("b")]);
            screen.Write(raw, "text\n");
        }
        string written = raw.ToString();
        written.ShouldContain("\e[32ma");
        foreach (string code in new[] { "?25l", "?1049h", "[2J", "[H" })
            written.ShouldNotContain(code);
    }

    [Fact]
    public void Without_colour_nothing_is_painted_bold_or_dim_either()
    {
        var raw = new StringWriter();
        using (var screen = new LiveScreen(raw, () => _size, color: false))
            screen.Draw((_, _) => [new Paragraph("a", new Style(Color.Green, decoration: Decoration.Bold | Decoration.Dim))]);
        raw.ToString().ShouldStartWith("\e[Ja\e[K\n");
    }

    public void Dispose()
    {
        _screen.Dispose();
        _terminal.Dispose();
    }

    private void Draw(params string[] lines) => _screen.Draw((_, _) => lines.Select(l => new Paragraph(l)));

    private sealed class Relay(TerminalScreen terminal) : StringWriter
    {
        public override void Write(string? value) => terminal.Write(value);
    }
}
