using Devloop.Dockerfiles;

namespace Devloop.Core.Tests.Dockerfiles;

public class WordExpansionTests
{
    private static readonly Dictionary<string, string> Values = new() { ["a"] = "xyz", ["e"] = "", ["p"] = "foo/bar/baz.tar.gz", ["v1"] = "one", ["star"] = "a*b" };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$a-${a}", "xyz-xyz")]
    [InlineData("$a_b|$v1", "|one")]
    [InlineData("${none}$none", "")]
    [InlineData("$", "$")]
    [InlineData("a$ b", "a$ b")]
    [InlineData("\\$a", "$a")]
    [InlineData("'$a'", "$a")]
    [InlineData("\"$a b\"", "xyz b")]
    [InlineData("\"\\$a \\n \\\\\"", "$a \\n \\")]
    [InlineData("a\\", "a")]
    [InlineData("${none:-d}${e:-d}${e-d}${none-d}", "ddd")]
    [InlineData("${a:+s}${e:+s}${e+s}${none+s}", "ss")]
    [InlineData("${a:?no}${e?no}", "xyz")]
    [InlineData("${none:-${a:-b}c}", "xyzc")]
    [InlineData("${none:-\"a}b\"}", "a}b")]
    [InlineData("${p#*/}", "bar/baz.tar.gz")]
    [InlineData("${p##*/}", "baz.tar.gz")]
    [InlineData("${p%.*}", "foo/bar/baz.tar")]
    [InlineData("${p%%.*}", "foo/bar/baz")]
    [InlineData("${p#nope}", "foo/bar/baz.tar.gz")]
    [InlineData("${p/ba?/X}", "foo/X/baz.tar.gz")]
    [InlineData("${p//ba?/X}", "foo/X/X.tar.gz")]
    [InlineData("${p//\\//-}", "foo-bar-baz.tar.gz")]
    [InlineData("${p/o*a/-}", "f-r.gz")]
    [InlineData("${p//./}", "foo/bar/baztargz")]
    [InlineData("${star#a\\*}", "b")]
    [InlineData("${p%?gz}", "foo/bar/baz.tar")]
    public void Words_are_expanded_as_BuildKit_does(string word, string expected)
    {
        Expansion expansion = WordExpansion.Expand(word, n => Values.GetValueOrDefault(n));
        expansion.Error.ShouldBeNull();
        expansion.Text.ShouldBe(expected);
    }

    [Theory]
    [InlineData("${a", "`${` is not closed")]
    [InlineData("${", "`${` is not closed")]
    [InlineData("${}", "bad substitution")]
    [InlineData("${a:-b", "`${` is not closed")]
    [InlineData("${a!b}", "unsupported modifier `!` in a substitution")]
    [InlineData("${a:}", "unsupported modifier `:}` in a substitution")]
    [InlineData("${a/b}", "`${name/pattern/replacement}` lacks its second `/`")]
    [InlineData("'a", "a single quote is not closed")]
    [InlineData("\"a", "a double quote is not closed")]
    [InlineData("${none?}", "none: is not allowed to be unset")]
    [InlineData("${e:?}", "e: is not allowed to be empty")]
    [InlineData("${none:?set it}", "none: set it")]
    [InlineData("${a#\\x}", "invalid pattern `\\x` in a substitution")]
    public void What_cannot_be_expanded_says_why(string word, string error)
    {
        Expansion expansion = WordExpansion.Expand(word, n => Values.GetValueOrDefault(n));
        expansion.Error.ShouldBe(error);
        expansion.Text.ShouldBeEmpty();
    }

    [Fact]
    public void The_backtick_escapes_when_it_is_the_escape()
    {
        WordExpansion.Expand("c:\\`$a\\$a", n => Values.GetValueOrDefault(n), '`').Text.ShouldBe("c:\\$a\\xyz");
    }

    [Fact]
    public void It_is_told_which_names_had_a_value()
    {
        Expansion expansion = WordExpansion.Expand("$a$none${e:-$p}", n => Values.GetValueOrDefault(n));
        expansion.Used.ShouldBe(["a", "p", "e"]);
        expansion.Unset.ShouldBe(["none"]);
    }

    [Fact]
    public void In_a_heredoc_quotes_are_ordinary_characters()
    {
        WordExpansion.ExpandHeredoc("it's \"$a\"\n", n => Values.GetValueOrDefault(n)).Text.ShouldBe("it's \"xyz\"\n");
    }
}
