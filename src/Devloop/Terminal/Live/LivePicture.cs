using System.Collections.Immutable;
using System.Globalization;
using Devloop.Engine;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Devloop.Cli.Terminal.Live;

/// <summary>
/// Draws the live block: a rule, a row for each thing that matters, one line that sums up. Pure: the same snapshot, size and time give
/// the same picture. No line wraps.
/// </summary>
public sealed class LivePicture(Glyphs glyphs)
{
    private const int MarginColumns = 1; // a line as wide as the terminal would wrap on some
    private const int BarColumns = 12;
    private const int TimeColumns = 6;
    private const int SmallestName = 8, LargestName = 24;

    /// <summary>From so many columns on a transfer has a bar, and its size.</summary>
    private const int RoomForBar = 60, RoomForSize = 90;

    /// <summary>The longest of usual sizes, such as <c>123.4/567.8 MB</c>; so bars stand below one another.</summary>
    private const int SizeColumns = 14;

    /// <summary>The lines of the block, from top to bottom; at most a third of the screen.</summary>
    /// <param name="width">Of the screen, in cells.</param>
    /// <param name="height">Of the screen, in lines.</param>
    /// <param name="now">In the time of the snapshot.</param>
    public ImmutableArray<IRenderable> Render(LiveSnapshot snapshot, int width, int height, TimeSpan now)
    {
        int columns = Math.Max(1, width - MarginColumns), room = Math.Max(1, height / 3);
        var lines = ImmutableArray.CreateBuilder<IRenderable>();
        int rows = Math.Max(0, room - 2); // the rule and the sum
        if (rows > 0)
        {
            lines.Add(Line([(string.Concat(Enumerable.Repeat(glyphs.Rule, columns)), Dim)]));
            bool all = snapshot.Rows.Length <= rows;
            ImmutableArray<LiveRow> shown = all ? snapshot.Rows : snapshot.Rows[..(rows - 1)];
            int names = Math.Clamp(shown.Select(r => CellText.Width(r.Name)).DefaultIfEmpty(0).Max(), SmallestName, Math.Min(LargestName, Math.Max(SmallestName, columns / 3)));
            foreach (LiveRow row in shown)
                lines.Add(Line(Row(row, columns, names, now)));
            if (!all)
                lines.Add(Line(Clip([("   +" + Number(snapshot.Rows.Length - shown.Length) + " more", Dim)], columns)));
        }
        lines.Add(Line(Ends([(" " + snapshot.Sum, Style.Plain)], snapshot.Began is { } began ? Seconds(now - began) : "", columns)));
        return lines.ToImmutable();
    }

    private List<(string Text, Style Style)> Row(LiveRow row, int columns, int names, TimeSpan now)
    {
        (string glyph, Style tone) = row.Tone switch
        {
            LiveTone.Running => (glyphs.Running, new Style(Color.Teal)),
            LiveTone.Waiting => (glyphs.Waiting, Dim),
            LiveTone.Good => (glyphs.Good, new Style(Color.Green)),
            _ => (glyphs.Bad, new Style(Color.Maroon, decoration: Decoration.Bold)),
        };
        List<(string Text, Style Style)> parts =
        [
            ($" {glyph} ", tone),
            (CellText.Fit(row.Name, names, glyphs.Elided), new Style(Color.FromInt32(Palette.HueOf(row.Name)))),
            (" ", Style.Plain),
        ];
        List<(string Text, Style Style)> moved = row.Moved is { } m ? Bar(m, columns) : [];
        int free = columns - Width(parts) - Width(moved) - TimeColumns - 1;
        string place = row.Place.Length == 0 ? "" : row.Place + " ";
        if (free > CellText.Width(place))
            parts.Add((place, Dim));
        parts.Add((CellText.Elide(row.Text, Math.Max(0, free - (free > CellText.Width(place) ? CellText.Width(place) : 0)), glyphs.Elided), row.Tone is LiveTone.Waiting ? Dim : Style.Plain));
        string time = row.Began is { } began ? Seconds(now - began) : "";
        if (moved.Count > 0)
        {
            int gap = columns - Width(parts) - Width(moved) - TimeColumns;
            parts.Add((new string(' ', Math.Max(1, gap)), Style.Plain));
            parts.AddRange(moved);
        }
        return Ends(parts, time, columns);
    }

    /// <summary>How far a transfer is; as much of it as there is room for.</summary>
    private List<(string Text, Style Style)> Bar(Moved moved, int columns)
    {
        string percent = Number(moved.Percent).PadLeft(3) + "%";
        if (columns < RoomForBar)
            return [(percent, Dim)];
        int full = BarColumns * moved.Percent / 100;
        return
        [
            (string.Concat(Enumerable.Repeat(glyphs.Full, full)), new Style(Color.Teal)),
            (string.Concat(Enumerable.Repeat(glyphs.Empty, BarColumns - full)), Dim),
            (" " + percent, Dim),
            (columns < RoomForSize ? "" : " " + SizeText.Of(moved.Current, moved.Total).PadRight(SizeColumns), Dim),
        ];
    }

    /// <summary>Text on the left, and a time at the right end when there is room for it.</summary>
    private List<(string Text, Style Style)> Ends(List<(string Text, Style Style)> left, string right, int columns)
    {
        int gap = columns - Width(left) - right.Length;
        if (right.Length > 0 && gap > 0)
            left.AddRange([(new string(' ', gap), Style.Plain), (right, Dim)]);
        return Clip(left, columns);
    }

    private List<(string Text, Style Style)> Clip(List<(string Text, Style Style)> parts, int columns)
    {
        var kept = new List<(string, Style)>();
        foreach ((string text, Style style) in parts)
        {
            string fitting = CellText.Elide(text, columns, glyphs.Elided);
            columns -= CellText.Width(fitting);
            if (fitting.Length > 0)
                kept.Add((fitting, style));
        }
        return kept;
    }

    private static readonly Style Dim = new(decoration: Decoration.Dim);

    private static int Width(List<(string Text, Style Style)> parts) => parts.Sum(p => CellText.Width(p.Text));

    private static Paragraph Line(List<(string Text, Style Style)> parts)
    {
        var line = new Paragraph { Overflow = Overflow.Crop };
        foreach ((string text, Style style) in parts)
            line.Append(text, style);
        return line;
    }

    /// <summary>Whole seconds: the block is drawn once a second when nothing else changes.</summary>
    private static string Seconds(TimeSpan time)
    {
        long seconds = Math.Max(0, (long)time.TotalSeconds);
        return seconds < 60
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60:00}s");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
