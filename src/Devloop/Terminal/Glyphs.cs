namespace Devloop.Cli.Terminal;

/// <summary>The signs of the live view, each of one cell, with a twin for terminals that show ASCII only.</summary>
/// <param name="Rule">A line from side to side is made of it.</param>
/// <param name="Elided">Stands where text was left out.</param>
public sealed record Glyphs(string Running, string Waiting, string Good, string Bad, string Rule, string Full, string Empty, string Elided)
{
    public static Glyphs Unicode { get; } = new("◐", "◌", "●", "✗", "─", "━", "╌", "…");

    public static Glyphs Ascii { get; } = new("*", "-", "o", "x", "-", "#", ".", "~");

    /// <summary>By the locale, as POSIX ranks its variables; one that names no character set at all is taken for today's usual.</summary>
    public static Glyphs OfEnvironment(Func<string, string?> environment)
    {
        if (environment("TERM") == "linux")
            return Ascii; // The console of the kernel has no font for them.
        string? locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(environment).FirstOrDefault(v => !string.IsNullOrEmpty(v));
        return locale is null || locale.Replace("-", "", StringComparison.Ordinal).Contains("utf8", StringComparison.OrdinalIgnoreCase) ? Unicode : Ascii;
    }
}
