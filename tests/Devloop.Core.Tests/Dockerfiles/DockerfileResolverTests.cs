using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;

namespace Devloop.Core.Tests.Dockerfiles;

public class DockerfileResolverTests
{
    private static string[] Bases(string text, string? target = null, params (string, string)[] args) =>
        [.. Given.Resolved(text, target, args).Bases.Select(b => $"{b.Span.Text}={b.Text}")];

    [Theory]
    [InlineData("FROM alpine:3", "alpine:3=alpine:3")]
    [InlineData("ARG B=alpine\nFROM $B", "$B=alpine")]
    [InlineData("ARG V=3\nARG B=alpine:$V\nFROM --platform=$BUILDPLATFORM ${B} AS x", "${B}=alpine:3")]
    [InlineData("ARG B\nFROM ${B:-busybox}", "${B:-busybox}=busybox")]
    [InlineData("FROM \"alpine\"", "\"alpine\"=alpine")]
    [InlineData("FROM img:$TARGETARCH", "img:$TARGETARCH=img:amd64")]
    public void Bases_are_resolved_and_keep_the_place_where_they_are_written(string text, string expected) =>
        Bases(text).ShouldBe([expected]);

    [Fact]
    public void Build_args_override_global_defaults_and_reach_what_is_made_of_them()
    {
        Bases("ARG V=3\nARG B=alpine:$V\nFROM $B", null, ("V", "4")).ShouldBe(["$B=alpine:4"]);
        Given.Resolved("ARG V=3\nARG B=alpine:$V\nARG U=1\nFROM $B", null, ("V", "4"), ("U", "2"), ("X", "3")).UsedArgs.ShouldBe(["V"]);
    }

    [Fact]
    public void Every_place_that_names_an_image_is_found()
    {
        ResolvedDockerfile resolved = Given.Resolved("""
            FROM base AS one
            COPY --from=tools:1 /a /b
            RUN --mount=type=bind,from=cache,target=/c --mount=type=cache,target=/d ls
            FROM ONE
            COPY --from=one / /
            COPY --from=0 / /
            RUN --mount=from=One,target=/x ls
            ONBUILD COPY --from=later /a /b
            FROM scratch
            """);
        resolved.Mentions.Select(m => (m.Kind, m.Text, m.Stage, m.InTrigger)).ShouldBe(
        [
            (MentionKind.From, "base", 0, false),
            (MentionKind.CopyFrom, "tools:1", 0, false),
            (MentionKind.MountFrom, "cache", 0, false),
            (MentionKind.CopyFrom, "later", 1, true),
        ]);
        resolved.Mentions.ShouldAllBe(m => m.Span.Text == m.Text);
        resolved.Bases.ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_stages_that_the_target_needs_count()
    {
        const string text = "FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=one / /\nFROM d\n";
        Bases(text).ShouldBe(["d=d"]);
        Bases(text, "three").ShouldBe(["a=a", "c=c"]);
        Bases(text, "TWO").ShouldBe(["b=b"]);
    }

    [Fact]
    public void An_unknown_target_is_told_the_nearest_stage()
    {
        Diagnostic problem = Given.TryResolve("FROM a AS builder\nFROM b", "bulider").Diagnostics.Single();
        problem.Code.ShouldBe("DL1022");
        problem.Help.ShouldBe("a stage with a similar name exists: `builder`");
    }

    [Fact]
    public void A_stage_is_a_base_only_for_those_below_it()
    {
        Bases("FROM two AS one\nFROM one AS two").ShouldBe(["two=two"]);
    }

    [Theory]
    [InlineData("FROM a\nCOPY --from=1 x y\nFROM b", "there is no stage 7", 7)]
    [InlineData("FROM a AS me\nCOPY --from=me x y", "stage `me` must be defined before stage `me`, which copies from it", 0)]
    public void Copies_from_stages_that_are_not_there_are_refused(string text, string message, int number)
    {
        if (number > 0)
            text = text.Replace("=1", $"={number}", StringComparison.Ordinal);
        Given.TryResolve(text, null).Diagnostics.ShouldContain(d => d.Message == message);
    }

    [Fact]
    public void A_blank_base_is_told_how_to_get_a_value()
    {
        Diagnostic problem = Given.TryResolve("FROM $BASE").Diagnostics.Single();
        problem.Code.ShouldBe("DL1021");
        problem.Message.ShouldBe("the base name `$BASE` is blank");
        problem.At!.ToString().ShouldBe("Dockerfile:1:6");
    }

    [Fact]
    public void Stage_args_take_build_args_then_defaults_then_globals()
    {
        ResolvedDockerfile resolved = Given.Resolved("""
            ARG G=global
            ARG H=hidden
            FROM scratch AS one
            ARG G
            ARG D=$G-default
            ARG B=default
            ENV E=$H$D
            ENV A=1 C=$A
            COPY $E $B$C /x
            FROM one
            COPY $D /y
            """, null, ("B", "given"));
        ResolvedInstruction[] copies = [.. resolved.Stages.SelectMany(s => s.Instructions).Where(i => i.Instruction.Name == "COPY")];
        copies[0].Words.ShouldBe(["global-default", "given", "/x"]);
        copies[1].Words.ShouldBe(["global-default", "/y"]);
        resolved.UsedArgs.ShouldBe(["B"]);
    }

    [Fact]
    public void Triggers_of_a_base_run_first_in_what_stands_on_it()
    {
        BuildVariables variables = new()
        {
            BaseImages = ImmutableDictionary<string, BaseImage>.Empty.Add("node", new BaseImage(ImmutableDictionary<string, string>.Empty.Add("DIR", "src"), ["COPY package.json /app/", "RUN --mount=from=helper,target=/h x"])),
        };
        ResolvedDockerfile resolved = DockerfileResolver.Resolve(Given.Dockerfile("FROM node\nCOPY $DIR /app\n"), variables).Value!;
        InputPatterns.Of(resolved).Patterns.Select(p => p.Text).ShouldBe(["package.json", "src"]);
        resolved.Bases.Select(b => b.Text).ShouldBe(["node", "helper"], ignoreOrder: true);

        Given.Inputs("FROM scratch AS base\nONBUILD COPY a /a\nFROM base\nCOPY b /b\n").ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_variable_that_must_be_set_counts_only_in_stages_that_are_built()
    {
        const string text = "FROM scratch AS one\nCOPY ${X:?needed} /\nFROM scratch\n";
        Given.TryResolve(text).Diagnostics.ShouldBeEmpty();
        Given.TryResolve(text, "one").Diagnostics.Single().Message.ShouldBe("a variable in `COPY` has no valid value: X: needed");
    }
}
