using System.Text;
using Spectre.Console.Rendering;

namespace Devloop.Cli.Terminal.Live;

/// <summary>Text measured in the cells that a terminal gives it: a letter takes one, a letter of Chinese two.</summary>
public static class CellText
{
    public static int Width(string text) => text.Length == 0 ? 0 : new Segment(text).CellCount();

    /// <summary>Exactly so wide: filled up with blanks, or shortened in the middle.</summary>
    public static string Fit(string text, int width, string elided)
    {
        string fitting = Elide(text, width, elided);
        return fitting + new string(' ', width - Width(fitting));
    }

    /// <summary>
    /// At most so wide: of a longer text the beginning and the end stay, since both say what it is. Control characters, which would move
    /// the cursor, become blanks.
    /// </summary>
    public static string Elide(string text, int width, string elided)
    {
        if (text.Any(char.IsControl))
            text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        if (Width(text) <= width)
            return text;
        int room = width - Width(elided);
        if (room < 0)
            return "";
        string head = Head(text.EnumerateRunes(), (room + 1) / 2);
        string tail = Head(text.EnumerateRunes().Reverse(), room - Width(head));
        return head + elided + string.Concat(tail.EnumerateRunes().Reverse());
    }

    private static string Head(IEnumerable<Rune> runes, int width)
    {
        var head = new StringBuilder();
        foreach (Rune rune in runes)
        {
            string next = rune.ToString();
            if (Width(next) > width)
                break;
            width -= Width(next);
            head.Append(next);
        }
        return head.ToString();
    }
}
