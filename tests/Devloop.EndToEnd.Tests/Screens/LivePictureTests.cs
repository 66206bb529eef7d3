using System.Collections.Immutable;
using System.Text;
using Devloop.Cli.Terminal;
using Devloop.Cli.Terminal.Live;
using Devloop.Engine;
using Devloop.Testing;

namespace Devloop.EndToEnd.Tests.Screens;

/// <summary>The live block as goldens: snapshots drawn at several sizes, without colour.</summary>
public class LivePictureTests
{
    private static readonly LiveSnapshot Busy = new(
    [
        new(LiveTone.Running, "web", "[3/7]", "RUN pnpm install --frozen-lockfile", null, TimeSpan.FromSeconds(2)),
        new(LiveTone.Running, "worker", "[build 1/4]", "FROM node:22-bookworm-slim", new Moved(41_234_567, 66_012_345), TimeSpan.FromSeconds(11)),
        new(LiveTone.Running, "docs", "", "sending the context, 12 files", new Moved(999, 1200), TimeSpan.FromSeconds(14)),
        new(LiveTone.Bad, "base/python", "", "failed; a save tries again"),
        new(LiveTone.Waiting, "mobile", "", "waits for base/node"),
        new(LiveTone.Running, "shop-frontend-with-a-long-name", "", "1 of 3 ready: its pod starts"),
        new(LiveTone.Good, "api", "", "1 of 1 ready"),
        new(LiveTone.Good, "本番", "", "1 of 1 ready"),
    ], "3 of 5 images, 1 of 3 resources ready, 1 failed", TimeSpan.Zero);

    private static readonly LiveSnapshot Quiet = new([new(LiveTone.Good, "api", "", "1 of 1 ready")], "5 of 5 images, 1 of 1 resource ready", null);

    [Fact]
    public void A_busy_block_at_every_width_with_room_for_all() => Check("live-busy", Glyphs.Unicode, Busy, (120, 60), (80, 60), (60, 60), (40, 60), (20, 60));

    [Fact]
    public void A_busy_block_where_room_is_short() => Check("live-short", Glyphs.Unicode, Busy, (80, 30), (80, 24), (80, 12), (80, 9), (80, 6), (80, 3), (80, 1), (1, 1));

    [Fact]
    public void A_busy_block_in_ascii()
    {
        string text = Check("live-ascii", Glyphs.Ascii, Busy with { Rows = [.. Busy.Rows.Where(r => r.Name.All(char.IsAscii))] }, (80, 60), (40, 60));
        text.ShouldAllBe(c => char.IsAscii(c));
    }

    [Fact]
    public void When_all_is_quiet_nothing_is_timed()
    {
        Check("live-quiet", Glyphs.Unicode, Quiet, (80, 60));
        Quiet.Ticks.ShouldBeFalse();
        Busy.Ticks.ShouldBeTrue();
    }

    [Fact]
    public void No_line_is_as_wide_as_the_screen_and_no_block_higher_than_a_third_of_it()
    {
        for (int width = 1; width < 140; width++)
        {
            for (int height = 1; height < 60; height += 7)
            {
                string[] lines = Lines(Glyphs.Unicode, Busy, width, height);
                lines.ShouldAllBe(l => CellText.Width(l) <= Math.Max(1, width - 1), $"{width}x{height}");
                lines.Length.ShouldBeInRange(1, Math.Max(1, height / 3));
            }
        }
    }

    [Theory]
    [InlineData("abcdefghij", 10, "abcdefghij")]
    [InlineData("abcdefghij", 9, "abcd…ghij")]
    [InlineData("abcdefghij", 4, "ab…j")]
    [InlineData("abcdefghij", 1, "…")]
    [InlineData("abcdefghij", 0, "")]
    [InlineData("日本語日本語", 7, "日…本語")]
    [InlineData("a\tb\ec", 5, "a b c")]
    public void Long_text_keeps_its_beginning_and_its_end(string text, int width, string shown) => CellText.Elide(text, width, "…").ShouldBe(shown);

    [Theory]
    [InlineData(0, 0, "0/0 B")]
    [InlineData(999, 999, "999/999 B")]
    [InlineData(500, 1200, "0.5/1.2 kB")]
    [InlineData(41_234_567, 66_012_345, "41.2/66.0 MB")]
    [InlineData(1, 3_400_000_000, "0.0/3.4 GB")]
    public void Sizes_are_in_the_unit_of_the_total(long current, long total, string text) => SizeText.Of(current, total).ShouldBe(text);

    private static string Check(string golden, Glyphs glyphs, LiveSnapshot snapshot, params (int Width, int Height)[] sizes)
    {
        var all = new StringBuilder();
        foreach ((int width, int height) in sizes)
            all.Append($"{width} x {height}\n").AppendJoin('\n', Lines(glyphs, snapshot, width, height)).Append('\n');
        Golden.Check(all.ToString(), golden);
        return all.ToString();
    }

    private static string[] Lines(Glyphs glyphs, LiveSnapshot snapshot, int width, int height)
    {
        var terminal = new TerminalScreen(Math.Max(2, width), 1000);
        using var screen = new LiveScreen(terminal, () => (width, height), color: false);
        screen.Draw((w, h) => new LivePicture(glyphs).Render(snapshot, w, h, TimeSpan.FromSeconds(74.6)));
        return terminal.Text.TrimEnd('\n').Split('\n');
    }
}
