using System.Globalization;
using Devloop.Cli.Terminal.Live;

namespace Devloop.Cli.Terminal;

/// <summary>The two streams, handed in; never the static console. Data goes to <see cref="Out"/>, status and diagnostics to <see cref="Error"/>.</summary>
public sealed class Consoles(TextWriter output, TextWriter error, Palette outPalette, Palette errorPalette)
{
    private readonly Lock _lock = new();

    /// <summary>Draws below everything that goes to these consoles; null without a live view.</summary>
    public LiveScreen? Screen { get; private init; }

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    public Palette OutPalette { get; } = outPalette;

    public Palette ErrorPalette { get; } = errorPalette;

    /// <summary>
    /// The process's own. Colour: the flag beats <c>NO_COLOR</c> (any non-empty value), which beats <c>FORCE_COLOR</c> and
    /// <c>CLICOLOR_FORCE</c>, which beat the terminal.
    /// </summary>
    /// <param name="live">Lines leave room for a block at the bottom of the terminal, which <see cref="Screen"/> draws.</param>
    public static Consoles OfProcess(bool noColor, bool live = false)
    {
        var utf8 = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true, NewLine = "\n" };
        var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true, NewLine = "\n" };
        bool outColor = HasColor(noColor, Console.IsOutputRedirected), errorColor = HasColor(noColor, Console.IsErrorRedirected);
        Palette outPalette = outColor ? Palette.Ansi : Palette.None, errorPalette = errorColor ? Palette.Ansi : Palette.None;
        if (!live)
            return new Consoles(TextWriter.Synchronized(output), TextWriter.Synchronized(error), outPalette, errorPalette);
        var screen = new LiveScreen(error, TerminalSize, errorColor);
        return new Consoles(Console.IsOutputRedirected ? TextWriter.Synchronized(output) : new AboveWriter(screen, output), new AboveWriter(screen, error), outPalette, errorPalette) { Screen = screen };
    }

    /// <summary>Some terminals do not say how large they are.</summary>
    private static (int Width, int Height) TerminalSize()
    {
        try
        {
            return (Console.WindowWidth is > 0 and var width ? width : 80, Console.WindowHeight is > 0 and var height ? height : 24);
        }
        catch (IOException)
        {
            return (80, 24);
        }
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
