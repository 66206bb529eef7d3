using Devloop.Dockerfiles;

namespace Devloop.Core.Tests.Dockerfiles;

public class DockerfileDigestTests
{
    private const string Text = "ARG V=1\nFROM alpine:$V AS build\nARG MODE=x\nRUN make $MODE \\\n  all\nCOPY a /a\nFROM scratch\nCOPY --from=build /a /a\n";

    [Theory]
    [InlineData("ARG V=1\n# c\nfrom  alpine:1 as other\nARG   MODE=x\nRUN make $MODE \\\n# comment\n\n  all\n\nCOPY   a   /a\nFROM scratch\nCOPY --from=0 /a /a")]
    [InlineData("ARG V=1\r\nARG W=2\r\nFROM alpine:$V AS unused\r\nRUN x\r\nFROM alpine:${V} AS build\r\nARG MODE=x\r\nRUN make $MODE   all\r\nCOPY a /a\r\nFROM scratch\r\nCOPY --from=build /a /a\r\n")]
    public void Formatting_comments_names_and_unneeded_stages_do_not_count(string other) =>
        DockerfileDigest.ReducedText(Given.Resolved(other)).ShouldBe(DockerfileDigest.ReducedText(Given.Resolved(Text)));

    [Theory]
    [InlineData("make", "made")]
    [InlineData("V=1", "V=2")]
    [InlineData("MODE=x", "MODE=y")]
    [InlineData("COPY a", "COPY b")]
    [InlineData("COPY a", "ADD a")]
    [InlineData("COPY a", "COPY --link a")]
    [InlineData("FROM scratch", "FROM --platform=linux/arm64 scratch")]
    [InlineData("FROM scratch\n", "FROM scratch\nUSER 1\n")]
    [InlineData("RUN make", "RUN --mount=type=cache,target=/c make")]
    public void What_changes_the_build_changes_the_digest(string from, string to) =>
        DockerfileDigest.Of(Given.Resolved(Text.Replace(from, to, StringComparison.Ordinal))).ShouldNotBe(DockerfileDigest.Of(Given.Resolved(Text)));

    [Fact]
    public void A_build_arg_counts_when_the_build_reads_it()
    {
        string plain = DockerfileDigest.Of(Given.Resolved(Text));
        DockerfileDigest.Of(Given.Resolved(Text, null, ("OTHER", "1"))).ShouldBe(plain);
        DockerfileDigest.Of(Given.Resolved(Text, null, ("MODE", "x"))).ShouldBe(plain);
        DockerfileDigest.Of(Given.Resolved(Text, null, ("MODE", "z"))).ShouldNotBe(plain);
        DockerfileDigest.Of(Given.Resolved(Text, null, ("V", "z"))).ShouldNotBe(plain);
    }

    [Fact]
    public void Bodies_of_heredocs_count_to_the_last_space()
    {
        string with = DockerfileDigest.Of(Given.Resolved("FROM scratch\nCOPY <<E /x\na\nE\n"));
        DockerfileDigest.Of(Given.Resolved("FROM scratch\nCOPY <<E /x\na \nE\n")).ShouldNotBe(with);
        DockerfileDigest.Of(Given.Resolved("FROM scratch\nRUN <<E\n# a\nE\n")).ShouldNotBe(DockerfileDigest.Of(Given.Resolved("FROM scratch\nRUN <<E\n# b\nE\n")));
    }

    [Fact]
    public void The_target_counts()
    {
        const string two = "FROM scratch AS a\nCOPY x /\nFROM a AS b\n";
        DockerfileDigest.Of(Given.Resolved(two, "a")).ShouldNotBe(DockerfileDigest.Of(Given.Resolved(two, "b")));
    }

    [Fact]
    public void Its_form_stays_because_keys_are_shared()
    {
        DockerfileDigest.ReducedText(Given.Resolved(Text)).ShouldBe(
            """
            STAGE 0
            FROM 8:alpine:1
            ARG 6:MODE=x
            RUN 16:make $MODE   all
            COPY 1:a 2:/a
            STAGE 1 TARGET
            FROM 7:scratch
            COPY 14:--from=stage:0 2:/a 2:/a

            """);
    }

    [Theory]
    [InlineData("COPY --from=b / /")]
    [InlineData("RUN --mount=from=b,target=/m x")]
    public void A_stage_that_comes_too_late_is_a_problem_and_no_crash(string line)
    {
        Devloop.Diagnostics.Parsed<ResolvedDockerfile> resolved = Given.TryResolve($"FROM scratch AS a\n{line}\nFROM scratch AS b\nFROM a");
        resolved.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("must be defined before");
        DockerfileDigest.ReducedText(resolved.Value.ShouldNotBeNull()).ShouldContain("stage:-1");
    }
}
