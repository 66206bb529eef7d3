using Devloop.Cli.Terminal;

namespace Devloop.EndToEnd.Tests.Screens;

public class OutputModeTests
{
    [Theory]
    [InlineData("auto", true, "TERM=xterm-256color", OutputMode.Live)]
    [InlineData("auto", false, "TERM=xterm", OutputMode.Plain)]
    [InlineData("auto", true, "TERM=dumb", OutputMode.Plain)]
    [InlineData("auto", true, "", OutputMode.Plain)]
    [InlineData("auto", true, "TERM=xterm CI=true", OutputMode.Plain)]
    [InlineData("auto", true, "TERM=xterm CI=false", OutputMode.Live)]
    [InlineData("auto", true, "TERM=xterm TEAMCITY_VERSION=2026.1", OutputMode.Plain)]
    [InlineData("live", true, "TERM=dumb CI=true", OutputMode.Live)]
    [InlineData("live", false, "TERM=xterm", OutputMode.Plain)]
    [InlineData("plain", true, "TERM=xterm", OutputMode.Plain)]
    [InlineData("text", true, "TERM=xterm", OutputMode.Plain)]
    [InlineData("json", true, "TERM=xterm", OutputMode.Json)]
    [InlineData("json", false, "CI=true", OutputMode.Json)]
    public void The_mode_follows_from_the_option_the_terminal_and_the_environment(string word, bool isTerminal, string environment, OutputMode mode) =>
        OutputModes.Of(word, isTerminal, Lookup(environment)).ShouldBe(mode);

    [Theory]
    [InlineData("", true)]
    [InlineData("LANG=en_GB.UTF-8", true)]
    [InlineData("LANG=C.utf8", true)]
    [InlineData("LANG=C", false)]
    [InlineData("LANG=de_DE.ISO-8859-1", false)]
    [InlineData("LC_ALL=POSIX LANG=en_GB.UTF-8", false)]
    [InlineData("LC_CTYPE=en_GB.UTF-8 LANG=C", true)]
    [InlineData("LANG=en_GB.UTF-8 TERM=linux", false)]
    public void The_signs_follow_the_locale(string environment, bool unicode) =>
        Glyphs.OfEnvironment(Lookup(environment)).ShouldBe(unicode ? Glyphs.Unicode : Glyphs.Ascii);

    private static Func<string, string?> Lookup(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        return variables.GetValueOrDefault;
    }
}
