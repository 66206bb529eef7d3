using System.Text;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Dockerfiles;

public class IgnoreRulesTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "a/b/c", true)]
    [InlineData("a", "b/a", false)]
    [InlineData("/a", "a", true)]
    [InlineData("a/", "a/b", true)]
    [InlineData("./a//b/../c", "a/c", true)]
    [InlineData("  a  ", "a", true)]
    [InlineData("*.log", "x.log", true)]
    [InlineData("*.log", "d/x.log", false)]
    [InlineData("*/x", "d/x/y", true)]
    [InlineData("*/x", "d/e/x", false)]
    [InlineData("**", "any/thing", true)]
    [InlineData("**/x", "x", true)]
    [InlineData("**/x", "a/b/x", true)]
    [InlineData("**/x", "ax", false)]
    [InlineData("**x", "ax", true)]
    [InlineData("**/*.o", "a/b/c.o", true)]
    [InlineData("**/*.o", "c.o", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "a", false)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z/y", true)]
    [InlineData("a/**/z", "a/bz", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[^a-c]x", "bx", false)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "x", false)]
    [InlineData("a.b", "aXb", false)]
    [InlineData("a+(b)", "a+(b)", true)]
    [InlineData("#a", "#a", false)]
    [InlineData(" #a", "#a", true)]
    [InlineData("A", "a", false)]
    [InlineData("..", "a", false)]
    public void One_line_hides_as_BuildKit_matches_it(string line, string path, bool hidden) =>
        Given.Ignore(line).IsIgnored(path).ShouldBe(hidden);

    [Fact]
    public void The_last_line_that_matches_decides()
    {
        IgnoreRules rules = Given.Ignore("*", "!src", "src/*.tmp", "! src/keep.tmp", "# !x");
        rules.IsIgnored("x").ShouldBeTrue();
        rules.IsIgnored("src").ShouldBeFalse();
        rules.IsIgnored("src/a").ShouldBeFalse();
        rules.IsIgnored("src/a.tmp").ShouldBeTrue();
        rules.IsIgnored("src/keep.tmp").ShouldBeFalse();
    }

    [Fact]
    public void It_says_which_line_hides_a_path()
    {
        IgnoreRules rules = IgnoreRules.Read(new SourceText("web/.dockerignore", "# top\n*.log\n\n!keep.log\n  node_modules/ \n")).Value!;
        rules.HiddenBy("x.log")!.LineNumber.ShouldBe(2);
        IgnoreLine line = rules.HiddenBy("node_modules/a/b.js")!;
        line.Text.ShouldBe("node_modules/");
        line.At!.ToString().ShouldBe("web/.dockerignore:5:3");
        rules.HiddenBy("keep.log").ShouldBeNull();
    }

    [Fact]
    public void A_byte_order_mark_and_line_ends_do_not_matter()
    {
        IgnoreRules rules = IgnoreRules.Read(new SourceText(".dockerignore", "\uFEFFa\r\nb\r\n")).Value!;
        rules.IsIgnored("a").ShouldBeTrue();
        rules.IsIgnored("b").ShouldBeTrue();
    }

    [Theory]
    [InlineData("[a")]
    [InlineData("[]a]")]
    [InlineData("[-]")]
    [InlineData("[a-]")]
    [InlineData("a\\")]
    [InlineData("!")]
    public void A_pattern_with_wrong_syntax_is_told_with_its_line(string pattern)
    {
        Diagnostic problem = IgnoreRules.Read(new SourceText(".dockerignore", "ok\n" + pattern)).Diagnostics.Single();
        problem.Code.ShouldBe("DL1023");
        problem.At!.Line.ShouldBe(2);
    }

    [Fact]
    public void A_directory_is_entered_only_when_something_below_may_be_taken_back()
    {
        IgnoreRules rules = Given.Ignore("vendor", "node_modules", "!vendor/ours/x");
        rules.MayTakeBackBelow("vendor").ShouldBeTrue();
        rules.MayTakeBackBelow("vendor/ours").ShouldBeTrue();
        rules.MayTakeBackBelow("vendor/theirs").ShouldBeFalse();
        rules.MayTakeBackBelow("node_modules").ShouldBeFalse();
        Given.Ignore("a", "!**/b").MayTakeBackBelow("a").ShouldBeTrue();
    }

    [Fact]
    public void It_agrees_with_a_plain_reading_of_the_rules()
    {
        Gen<string> name = Gen.Elements("a", "b", "ab", "a.b", "x");
        Gen<string> part = Gen.Elements("a", "b", "ab", "a.b", "*", "a*", "?", "**", "[ab]", "[^a]", "*.b", "x", "\\a", "a**");
        Gen<string> path = name.NonEmptyListOf().Select(p => string.Join('/', p.Take(5)));
        Gen<string> pattern = from exception in Gen.Elements("", "", "!") from parts in part.NonEmptyListOf() select exception + string.Join('/', parts.Take(4));
        Gen<(string[], string[])> cases = from patterns in pattern.ListOf() from paths in path.ListOf() select (patterns.Take(6).ToArray(), paths.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            IgnoreRules rules = Given.Ignore(c.Item1);
            foreach (string each in c.Item2)
                rules.IsIgnored(each).ShouldBe(PlainReading(c.Item1, each), $"{string.Join(" ; ", c.Item1)} on {each}");
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    /// <summary>Regular expressions, a directory before what is in it, nothing remembered but the directory's matches.</summary>
    private static bool PlainReading(string[] patterns, string path)
    {
        string[] parts = path.Split('/');
        bool[] above = new bool[patterns.Length];
        bool hidden = false;
        for (int depth = 1; depth <= parts.Length; depth++)
        {
            string current = string.Join('/', parts.Take(depth));
            var here = new bool[patterns.Length];
            hidden = false;
            for (int i = 0; i < patterns.Length; i++)
            {
                bool exception = patterns[i][0] == '!';
                here[i] = above[i] || (exception == hidden && Regex.IsMatch(current, AsRegex(patterns[i].TrimStart('!'))));
                if (here[i])
                    hidden = !exception;
            }
            above = here;
        }
        return hidden;
    }

    private static string AsRegex(string pattern)
    {
        if (pattern.StartsWith("**", StringComparison.Ordinal) && pattern[2..].IndexOfAny(['*', '?', '[', '\\']) < 0)
            return pattern == "**" ? "" : pattern[2] == '/' ? $"(\\A|/){Regex.Escape(pattern[3..])}\\z" : $"{Regex.Escape(pattern[2..])}\\z";
        var regex = new StringBuilder("\\A");
        for (int i = 0; i < pattern.Length; i++)
        {
            string rest = pattern[i..];
            if (rest.StartsWith("**", StringComparison.Ordinal))
            {
                i += rest.StartsWith("**/", StringComparison.Ordinal) ? 2 : 1;
                regex.Append(i + 1 == pattern.Length ? ".*" : "(.*/)?");
            }
            else if (rest[0] is '*' or '?')
            {
                regex.Append(rest[0] == '*' ? "[^/]*" : "[^/]");
            }
            else if (rest[0] == '[')
            {
                regex.Append(rest.AsSpan(0, rest.IndexOf(']') + 1));
                i += rest.IndexOf(']');
            }
            else
            {
                if (rest[0] == '\\')
                    i++;
                regex.Append(Regex.Escape(pattern[i].ToString()));
            }
        }
        return regex.Append("\\z").ToString();
    }
}
