using Devloop.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Text;

public class TextTests
{
    [Theory]
    [InlineData("dockefile", "dockerfile")]
    [InlineData("grpah", "graph")]
    [InlineData("Context", "context")]
    [InlineData("up", null)]
    [InlineData("totally", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_near(string word, string? nearest) =>
        NearestName.Of(word, ["context", "dockerfile", "graph", "target"]).ShouldBe(nearest);

    [Fact]
    public void Of_two_that_are_as_near_the_first_by_name_is_taken() => NearestName.Of("cat", ["cut", "cot"]).ShouldBe("cot");

    [Theory]
    [InlineData("a\nb\n", 0, 1, 1)]
    [InlineData("a\nb\n", 2, 2, 1)]
    [InlineData("a\r\nb", 3, 2, 1)]
    [InlineData("a\rb", 2, 2, 1)]
    [InlineData("", 0, 1, 1)]
    [InlineData("ab", 2, 1, 3)]
    public void An_offset_has_a_line_and_a_column(string text, int offset, int line, int column) =>
        new SourceText("f", text).Position(offset).ShouldBe(new SourcePosition(line, column));

    [Theory]
    [InlineData("a\nb\r\nc", 2, "b")]
    [InlineData("a\nb\r\nc", 3, "c")]
    [InlineData("a\nb\r\nc", 9, "c")]
    [InlineData("", 1, "")]
    public void A_line_comes_without_its_end(string text, int line, string content) => new SourceText("f", text).LineText(line).ShouldBe(content);

    [Fact]
    public void A_span_is_cut_to_what_is_there() => new SourceText("f", "abc").Span(2, 50).Text.ShouldBe("c");

    [Fact]
    public void Every_offset_of_any_text_lies_in_the_line_that_it_is_said_to() => Prop.ForAll(Gen.Elements('a', '\n', '\r', 'ä').ArrayOf().Select(c => new string(c)).ToArbitrary(), text =>
    {
        var source = new SourceText("f", text);
        for (int offset = 0; offset <= text.Length; offset++)
        {
            SourcePosition at = source.Position(offset);
            (source.LineStart(at.Line) + at.Column - 1).ShouldBe(offset);
        }
    }).Check(FsCheck.Config.QuickThrowOnFailure);

    [Fact]
    public void Edits_replace_their_stretch_and_nothing_else() =>
        TextEdit.Apply("FROM base AS x", [new TextEdit(13, 1, "y"), new TextEdit(5, 4, "base:tag")]).ShouldBe("FROM base:tag AS y");

    [Fact]
    public void Edits_that_overlap_or_lie_outside_are_refused()
    {
        Should.Throw<ArgumentException>(() => TextEdit.Apply("abc", [new TextEdit(0, 2, ""), new TextEdit(1, 1, "")]));
        Should.Throw<ArgumentException>(() => TextEdit.Apply("abc", [new TextEdit(2, 2, "")]));
        TextEdit.Apply("abc", []).ShouldBe("abc");
    }
}
