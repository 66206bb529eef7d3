namespace Devloop.Starlark.Tests.Scanning;

public sealed class LayoutTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n\n  \n# only a comment\n", "")]
    [InlineData("x", "x newline")]
    [InlineData("x\r\ny\r\n", "x newline y newline")]
    [InlineData("x # why\ny\n", "x newline y newline")]
    [InlineData("\uFEFFx\n", "x newline")]
    [InlineData("x; y\n", "x ; y newline")]
    public void A_line_with_tokens_ends_in_a_newline(string text, string tokens) => Scanned.Tokens(text).ShouldBe(tokens);

    [Theory]
    [InlineData("def f():\n  pass\n", "def f ( ) : newline indent pass newline outdent")]
    [InlineData("if a:\n  if b:\n    c\nd\n", "if a : newline indent if b : newline indent c newline outdent outdent d newline")]
    [InlineData("if a:\n  b\n\n  # deep\n      \n# shallow\n  c\n", "if a : newline indent b newline c newline outdent")]
    [InlineData("if a:\n  b", "if a : newline indent b newline outdent")]
    [InlineData("if a:\r\n  b\r\n  c\r\n", "if a : newline indent b newline c newline outdent")]
    [InlineData("  x\n", "indent x newline outdent")]
    public void Indentation_opens_and_closes_blocks(string text, string tokens)
    {
        Scanned.Tokens(text).ShouldBe(tokens);
        Scanned.Problems(text).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("f(\n    a,\n# note\n  b)\nc\n", "f ( a , b ) newline c newline")]
    [InlineData("x = [\n{\n(\n1)}]\n", "x = [ { ( 1 ) } ] newline")]
    [InlineData("a + \\\n    b\n", "a + b newline")]
    [InlineData("a + \\\r\n    b\n", "a + b newline")]
    [InlineData("a)\nb\n", "a ) newline b newline")]
    public void Lines_join_inside_brackets_and_after_a_backslash(string text, string tokens) => Scanned.Tokens(text).ShouldBe(tokens);

    [Fact]
    public void An_outdent_to_no_block_is_told_once_and_scanning_goes_on()
    {
        const string Text = "if a:\n    b\n  c\n  d\ne\n";
        Scanned.Problems(Text).ShouldBe(["3:1 the indentation is that of no block around it"]);
        Scanned.Tokens(Text).ShouldBe("if a : newline indent b newline c newline d newline outdent e newline");
    }

    [Fact]
    public void Tabs_do_not_indent() => Scanned.Problems("if a:\n\tb\n").ShouldBe(["2:1 a tab indents; lines are indented by spaces"]);

    [Fact]
    public void Tabs_elsewhere_are_white_space() => Scanned.Problems("a\t=\t1\n\t\n\t# note\nf(\n\tb)\n").ShouldBeEmpty();
}
