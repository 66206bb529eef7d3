namespace Devloop.Cli.Terminal;

/// <summary>Roles, not colours: what a piece of text is. Without colour every role is plain, and no meaning is in colour alone.</summary>
public sealed class Palette
{
    private static readonly string[] Hues = ["36", "35", "34", "33", "32", "96", "95", "94"];

    private readonly bool _enabled;

    private Palette(bool enabled) => _enabled = enabled;

    public static Palette None { get; } = new(false);

    public static Palette Ansi { get; } = new(true);

    public string Verb(string text) => Paint("1;32", text);

    public string Good(string text) => Paint("32", text);

    public string Bad(string text) => Paint("1;31", text);

    public string Warn(string text) => Paint("1;33", text);

    public string Place(string text) => Paint("1;34", text);

    public string Strong(string text) => Paint("1", text);

    public string Dim(string text) => Paint("2", text);

    /// <summary>A name keeps its hue in every run.</summary>
    public string Name(string name, string text) => Paint(Hues[Index(name)], text);

    /// <summary>The same hue by its number among the 16 colours.</summary>
    public static int HueOf(string name)
    {
        int code = int.Parse(Hues[Index(name)], System.Globalization.CultureInfo.InvariantCulture);
        return code >= 90 ? code - 90 + 8 : code - 30;
    }

    private static int Index(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return (int)(hash % (uint)Hues.Length);
    }

    private string Paint(string code, string text) => _enabled && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
