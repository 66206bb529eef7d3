using Devloop.Dockerfiles;

namespace Devloop.Core.Tests.Dockerfiles;

public class InputPatternsTests
{
    [Theory]
    [InlineData("COPY a b/ ./c/../d /dest/", "a|b|d")]
    [InlineData("COPY . /", ".")]
    [InlineData("COPY / /", ".")]
    [InlineData("COPY ../../x /", "x")]
    [InlineData("COPY [\"a b\", \"c\", \"/\"]", "a b|c")]
    [InlineData("ADD https://x.org/y.tar git@github.com:a/b.git local /", "local")]
    [InlineData("COPY <<E /x\nlocal\nE", "")]
    [InlineData("COPY a <<E b /x\nlocal\nE", "a|b")]
    [InlineData("COPY src/*.go /x", "src/*.go")]
    [InlineData("COPY --parents ./a/./b/**/*.go /x", "a/b/**/*.go")]
    [InlineData("RUN --mount=target=/src make", ".")]
    [InlineData("RUN --mount=type=bind,source=go.mod,target=/m --mount=type=bind,src=x/y,target=/n go", "go.mod|x/y")]
    [InlineData("RUN --mount=type=cache,target=/c --mount=type=secret,id=s --mount=type=tmpfs,target=/t --mount=type=ssh x", "")]
    [InlineData("RUN --mount=from=img,source=a,target=/a x", "")]
    [InlineData("COPY --from=img a /b", "")]
    [InlineData("ARG D=src\nCOPY $D/a ${D}b /x", "src/a|srcb")]
    [InlineData("ONBUILD COPY a /a", "")]
    public void The_sources_of_instructions_are_inputs(string lines, string expected) =>
        string.Join('|', Given.Inputs("FROM scratch\n" + lines)).ShouldBe(expected);

    [Fact]
    public void Stages_that_are_not_needed_read_nothing()
    {
        const string text = "FROM scratch AS a\nCOPY a /\nFROM scratch AS b\nCOPY b /\nFROM scratch\nCOPY --from=a / /\nCOPY c /\n";
        Given.Inputs(text).ShouldBe(["a", "c"]);
        Given.Inputs(text, "b").ShouldBe(["b"]);
    }

    [Fact]
    public void Each_source_knows_its_line()
    {
        InputPatterns.Of(Given.Resolved("FROM scratch\n\nCOPY a /\nRUN --mount=source=b,target=/b x\n")).Patterns.Select(p => (p.Text, p.Line)).ShouldBe([("a", 3), ("b", 4)]);
    }

    [Fact]
    public void A_variable_that_an_unknown_base_may_set_counts_as_everything()
    {
        Given.Inputs("FROM node\nCOPY $APP/x y /z\n").ShouldBe([".", "y"]);
        Given.Inputs("FROM scratch\nCOPY $APP/x y /z\n").ShouldBe(["x", "y"]);
    }

    [Fact]
    public void Many_double_stars_do_not_multiply()
    {
        string source = string.Concat(Enumerable.Repeat("**/a/", 40)) + "b";
        var filter = new ContextFilter(InputPatterns.Of(Given.Resolved($"FROM scratch\nCOPY {source} {string.Concat(Enumerable.Repeat("**/", 60))}c /")));
        filter.Explain(string.Concat(Enumerable.Repeat("a/", 200)) + "x").ShouldBeOfType<InputReason.Unread>();
        filter.Explain(string.Concat(Enumerable.Repeat("a/", 200)) + "b").ShouldBeOfType<InputReason.Read>();
    }
}
