using System.Globalization;

namespace Devloop.Cli.Terminal;

/// <summary>The two streams, handed in; never the static console. Data goes to <see cref="Out"/>, status and diagnostics to <see cref="Error"/>.</summary>
public sealed class Consoles(TextWriter output, TextWriter error, Palette outPalette, Palette errorPalette)
{
    private readonly Lock _lock = new();

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    public Palette OutPalette { get; } = outPalette;

    public Palette ErrorPalette { get; } = errorPalette;

    /// <summary>
    /// The process's own. Colour: the flag beats <c>NO_COLOR</c> (any non-empty value), which beats <c>FORCE_COLOR</c> and
    /// <c>CLICOLOR_FORCE</c>, which beat the terminal.
    /// </summary>
    public static Consoles OfProcess(bool noColor)
    {
        var utf8 = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true, NewLine = "\n" };
        var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true, NewLine = "\n" };
        return new Consoles(TextWriter.Synchronized(output), TextWriter.Synchronized(error),
            HasColor(noColor, Console.IsOutputRedirected) ? Palette.Ansi : Palette.None,
            HasColor(noColor, Console.IsErrorRedirected) ? Palette.Ansi : Palette.None);
    }

    private static bool HasColor(bool noColor, bool redirected)
    {
        if (noColor || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 })
            return false;
        if (Environment.GetEnvironmentVariable("FORCE_COLOR") is { Length: > 0 } force && force != "0")
            return true;
        if (Environment.GetEnvironmentVariable("CLICOLOR_FORCE") is { Length: > 0 } cli && cli != "0")
            return true;
        return !redirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
    }

    /// <summary>One status line: a verb, right-aligned in 12 columns, and the rest.</summary>
    public void Status(string verb, string rest, StatusTone tone = StatusTone.Normal)
    {
        string padded = verb.PadLeft(12);
        string painted = tone switch
        {
            StatusTone.Bad => ErrorPalette.Bad(padded),
            StatusTone.Dim => ErrorPalette.Dim(padded),
            StatusTone.Warn => ErrorPalette.Warn(padded),
            _ => ErrorPalette.Verb(padded),
        };
        Write(Error, string.Create(CultureInfo.InvariantCulture, $"{painted} {rest.TrimEnd()}\n"));
    }

    public void Diagnose(IEnumerable<Diagnostics.Diagnostic> diagnostics)
    {
        foreach (Diagnostics.Diagnostic diagnostic in diagnostics)
            Write(Error, DiagnosticText.Of(diagnostic, ErrorPalette));
    }

    /// <summary>Somebody sits there who can answer.</summary>
    public static bool CanAsk => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Asks for a yes; anything else is a no.</summary>
    public bool Ask(string question)
    {
        Write(Error, question + " [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    public void Write(TextWriter writer, string text)
    {
        lock (_lock)
            writer.Write(text);
    }
}

public enum StatusTone
{
    Normal,
    Bad,
    Warn,
    Dim,
}
