using System.Collections.Immutable;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
using Devloop.Testing;
using Devloop.Text;

namespace Devloop.EndToEnd.Tests.Screens;

public class TextTests
{
    [Theory]
    [InlineData(0, "0.00s")]
    [InlineData(0.04, "0.04s")]
    [InlineData(0.094, "0.09s")]
    [InlineData(0.096, "0.1s")]
    [InlineData(0.44, "0.4s")]
    [InlineData(12.34, "12.3s")]
    [InlineData(59.94, "59.9s")]
    [InlineData(59.96, "1m00s")]
    [InlineData(60, "1m00s")]
    [InlineData(64.2, "1m04s")]
    [InlineData(119.7, "2m00s")]
    [InlineData(3725, "62m05s")]
    public void Durations(double seconds, string text) => DurationText.Of(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Fact]
    public void A_label_stands_under_its_word() => Check("diagnostic-label", "images:\n  api:\n    dockefile: x\n", "dockefile", label: "not a key of an image", help: "a key with a similar name exists: `dockerfile`");

    [Fact]
    public void A_tab_is_as_wide_above_as_below() => Check("diagnostic-tab", "RUN\tmake\tall\n", "all", label: "here");

    [Fact]
    public void Of_a_long_line_only_what_is_around_the_place_is_shown() => Check("diagnostic-long-line", new string('x', 5000) + " HERE " + new string('y', 5000), "HERE", label: "here");

    [Fact]
    public void Wide_characters_push_the_mark_to_where_the_word_is_seen() => Check("diagnostic-wide", "name: 日本語 bad\n", "bad", label: "here");

    [Fact]
    public void Control_characters_are_dots() => Check("diagnostic-control", "name: \u001b[31mred bad\n", "bad");

    [Fact]
    public void A_place_at_the_end_of_the_file_is_shown() => Golden.Check(DiagnosticText.Of(Diagnostic.Error(DiagnosticCode.ConfigSyntax, "something is missing here") with { At = new SourceText("a.yaml", "a: [").Span(4, 0) }, Palette.None), "diagnostic-end");

    [Fact]
    public void Without_a_place_the_label_is_a_note() => Golden.Check(DiagnosticText.Of(Diagnostic.Warning(DiagnosticCode.HealthTimeout, "resource `web` was not ready after 2m00s") with
    {
        Label = "0 of 1 ready",
        Notes = ImmutableArray.Create("first line", "second line"),
        Help = "a longer `--timeout` waits longer",
    }, Palette.None), "diagnostic-no-place");

    [Fact]
    public void With_colour_the_words_are_the_same()
    {
        Diagnostic problem = Diagnostic.Error(DiagnosticCode.UnknownKey, "unknown key `a`") with { At = new SourceText("f", "a: 1\n").Span(0, 1), Label = "here", Help = "gone" };
        string plain = DiagnosticText.Of(problem, Palette.None), painted = DiagnosticText.Of(problem, Palette.Ansi);
        painted.ShouldNotBe(plain);
        System.Text.RegularExpressions.Regex.Replace(painted, "\e\\[[0-9;]*m", "").ShouldBe(plain);
    }

    private static void Check(string golden, string text, string word, string? label = null, string? help = null, [System.Runtime.CompilerServices.CallerFilePath] string caller = "") =>
        Golden.Check(DiagnosticText.Of(Diagnostic.Error(DiagnosticCode.UnknownKey, "something is wrong") with
        {
            At = new SourceText("devloop.yaml", text).Span(text.IndexOf(word, StringComparison.Ordinal), word.Length),
            Label = label,
            Help = help,
        }, Palette.None), golden, caller);
}
