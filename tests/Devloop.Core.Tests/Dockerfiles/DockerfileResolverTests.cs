using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;

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
            FROM one
            COPY --from=ONE / /
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

    [Theory]
    [InlineData("EXPOSE x", "`x` is not a port", 8)]
    [InlineData("EXPOSE 80 65536", "`65536` is not a port", 11)]
    [InlineData("EXPOSE 90-80", "`90-80` is not a port", 8)]
    [InlineData("EXPOSE 80/icmp", "`80/icmp` is not a port", 8)]
    [InlineData("EXPOSE /tcp", "`/tcp` is not a port", 8)]
    [InlineData("EXPOSE x:80", "`x:80` is not a port", 8)]
    [InlineData("STOPSIGNAL nope", "`nope` is not a signal", 12)]
    [InlineData("STOPSIGNAL 0", "`0` is not a signal", 12)]
    [InlineData("STOPSIGNAL \"\"", "`STOPSIGNAL` is empty", 12)]
    [InlineData("RUN --mount=target=/m,rw=maybe x", "`rw` in `--mount` is true or false, not `maybe`", 26)]
    [InlineData("RUN --mount=target=/m,required x", "`required` in `--mount` is for the types secret and ssh", 5)]
    [InlineData("RUN --mount=target=/m,size=1m x", "`size` in `--mount` is for the type tmpfs", 28)]
    [InlineData("RUN --mount=type=cache,target=/c,sharing=some x", "`sharing` in `--mount` is shared, private or locked, not `some`", 42)]
    [InlineData("RUN --mount=target=/c,sharing=locked x", "`sharing` in `--mount` is for the type cache", 5)]
    [InlineData("RUN --mount=type=cache,target=/c,mode=9 x", "`mode` in `--mount` is an octal number, not `9`", 39)]
    [InlineData("RUN --mount=target=/c,mode=0755 x", "`mode` in `--mount` is for the types cache, secret and ssh", 5)]
    [InlineData("RUN --mount=type=cache,target=/c,uid=x x", "`uid` in `--mount` is a number, not `x`", 38)]
    [InlineData("RUN --mount=type=secret x", "a secret has neither `id` nor `target`", 5)]
    [InlineData("RUN --mount=type=secret,id=a,source=b x", "`id` and `source` of a secret mean the same, and both are given", 5)]
    [InlineData("RUN --mount=type=secret,id=a,from=b x", "a secret comes from no stage and no image, and takes no `from`", 5)]
    [InlineData("RUN --mount=type=cache x", "a mount cannot stand on `/`", 5)]
    [InlineData("RUN --mount=target=m/.. x", "a mount cannot stand on `/`", 5)]
    public void Values_that_BuildKit_refuses_are_refused_where_they_stand(string line, string message, int column)
    {
        Diagnostic problem = Given.TryResolve("FROM scratch\n" + line).Diagnostics.Single();
        problem.Code.ShouldBe("DL1020");
        problem.Message.ShouldBe(message);
        problem.At!.ToString().ShouldBe($"Dockerfile:2:{column}");
    }

    [Theory]
    [InlineData("EXPOSE $V", "a 80", "`a` is not a port")]
    [InlineData("STOPSIGNAL SIG$V", "TERN", "`SIGTERN` is not a signal")]
    [InlineData("RUN --mount=type=cache,target=/c,mode=$V x", "rwx", "`mode` in `--mount` is an octal number, not `rwx`")]
    [InlineData("RUN --mount=target=$V x", "/", "a mount cannot stand on `/`")]
    public void The_values_of_variables_are_judged_when_they_are_certain(string line, string value, string message)
    {
        Diagnostic problem = Given.TryResolve($"FROM scratch\nENV V=\"{value}\"\n{line}").Diagnostics.Single();
        problem.Message.ShouldBe(message);
        Given.TryResolve($"FROM unknown\nENV V=\"{value}\"\n{line}").Diagnostics.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("EXPOSE 80/TCP 8000-8010 53/udp 8080:80 127.0.0.1:1-2:3 0 65535/sctp \"443\"")]
    [InlineData("EXPOSE $NOTHING")]
    [InlineData("STOPSIGNAL sigrtmin+3")]
    [InlineData("STOPSIGNAL -1")]
    [InlineData("RUN --mount=target=/m,rw=T --mount=type=tmpfs,target=/t,size=64m --mount=type=secret,required,id=a,env=A --mount=type=cache,target=/c,mode=0755,uid=1,gid=1,sharing=LOCKED x")]
    [InlineData("WORKDIR /w\nRUN --mount=type=cache --mount=target=. x")]
    [InlineData("FROM --platform= scratch")]
    [InlineData("FROM unknown\nRUN --mount=type=cache x")]
    [InlineData("ONBUILD COPY --from=7 a /")]
    [InlineData("ONBUILD STOPSIGNAL nope")]
    [InlineData("STOPSIGNAL nope\nFROM scratch")]
    public void Values_that_BuildKit_takes_are_taken(string lines) => Given.TryResolve("FROM scratch\n" + lines).Diagnostics.ShouldBeEmpty();

    [Fact]
    public void A_stage_number_in_a_trigger_is_one_of_the_file_that_it_runs_in()
    {
        Given.TryResolve("FROM scratch AS a\nONBUILD COPY --from=7 a /\nFROM a").Diagnostics.Single().Message.ShouldBe("there is no stage 7");
    }

    [Fact]
    public void A_default_that_a_build_arg_overrides_is_not_read()
    {
        Given.Resolved("ARG B=${\nFROM $B", null, ("B", "alpine")).Bases.Single().Text.ShouldBe("alpine");
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

    [Fact]
    public void A_base_is_looked_for_among_the_stages_as_it_is_written()
    {
        Devloop.Diagnostics.Diagnostic problem = Given.TryResolve("FROM scratch AS One\nFROM ONE").Diagnostics.ShouldHaveSingleItem();
        problem.Message.ShouldBe("`ONE` is not an image reference");
        problem.Help.ShouldBe("`FROM` names a stage in lower case: `one`");
        Given.Resolved("FROM scratch AS One\nFROM one").Mentions.ShouldBeEmpty();
    }
}
