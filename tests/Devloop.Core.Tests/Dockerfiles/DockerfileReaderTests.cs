using Devloop.Dockerfiles;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Dockerfiles;

public class DockerfileReaderTests
{
    [Fact]
    public void Instructions_are_read_in_any_case_and_grouped_into_stages()
    {
        Dockerfile file = Given.Dockerfile("arg V=1\nfrom alpine:$V As Build\nRun make\nFROM scratch\nCOPY --from=build /a /b\n");
        file.GlobalArgs.Single().Pairs.ShouldBe([new NamedValue("V", "1")]);
        file.Stages.Select(s => (s.Name, s.Base.Text)).ShouldBe([("build", "alpine:$V"), (null, "scratch")]);
        file.Stages[1].Instructions.Single().Flag("from")!.Value.ShouldBe("build");
    }

    [Fact]
    public void A_continuation_runs_over_comments_and_empty_lines()
    {
        Dockerfile file = Given.Dockerfile("FROM a\nRUN one \\\n  # a comment\n\n    two \\  \n three\nUSER me\n");
        file.Stages[0].Instructions.Select(i => i.Arguments).ShouldBe(["one     two  three", "me"]);
        file.Stages[0].Instructions[1].FirstLine.ShouldBe(7);
    }

    [Fact]
    public void A_doubled_escape_at_the_end_of_a_line_continues_nothing()
    {
        Given.Dockerfile("FROM a\nRUN x \\\\\nUSER me").Stages[0].Instructions.Length.ShouldBe(2);
    }

    [Fact]
    public void The_escape_directive_turns_the_backtick_into_the_escape()
    {
        Dockerfile file = Given.Dockerfile("# syntax = docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a\nRUN dir c:\\\nRUN a `\n b");
        file.Escape.ShouldBe('`');
        file.Syntax!.Value.ShouldBe("docker/dockerfile:1");
        file.Syntax.ValueSpan.Text.ShouldBe("docker/dockerfile:1");
        file.Stages[0].Instructions.Select(i => i.Arguments).ShouldBe(["dir c:\\", "a  b"]);
    }

    [Fact]
    public void A_directive_after_a_comment_or_an_unknown_one_is_a_comment()
    {
        Given.Dockerfile("# hello\n# escape=`\nFROM a").Escape.ShouldBe('\\');
        Given.Dockerfile("# foo=bar\n# escape=`\nFROM a").Escape.ShouldBe('\\');
    }

    [Fact]
    public void Several_heredocs_of_a_line_follow_each_other()
    {
        Dockerfile file = Given.Dockerfile("FROM a\nCOPY <<one.txt <<-\"TWO\" <<'three' /d/\nFROM x\none.txt\n\t\tindent\n\tTWO\n$V\nthree\nRUN <<EOF\nls\nEOF\n");
        Instruction copy = file.Stages.Single().Instructions[0];
        copy.Heredocs.Select(h => (h.Name, h.Body, h.Expands)).ShouldBe([("one.txt", "FROM x\n", true), ("TWO", "indent\n", false), ("three", "$V\n", false)]);
        file.Stages[0].Instructions[1].Heredocs.Single().Content.ShouldBe("ls\n");
    }

    [Fact]
    public void The_quoted_end_of_a_heredoc_may_hold_spaces() =>
        Given.Dockerfile("FROM a\nRUN <<\"E O F\"\nls\nE O F\nUSER me").Stages[0].Instructions[0].Heredocs.Single().Name.ShouldBe("E O F");

    [Theory]
    [InlineData("RUN echo '<<EOF'")]
    [InlineData("RUN [\"cat\", \"<<EOF\"]")]
    [InlineData("RUN x=$((1<<2<<3))")]
    [InlineData("CMD cat <<EOF")]
    public void What_only_looks_like_a_heredoc_is_none(string line)
    {
        Given.Dockerfile($"FROM a\n{line}\nUSER me").Stages[0].Instructions.Length.ShouldBe(2);
    }

    [Fact]
    public void A_heredoc_in_a_trigger_belongs_to_the_trigger()
    {
        Dockerfile file = Given.Dockerfile("FROM a\nONBUILD RUN <<E\nx\nE\n");
        file.Stages[0].Instructions.Single().Trigger!.Heredocs.Single().Content.ShouldBe("x\n");
    }

    [Fact]
    public void The_json_form_gives_words_with_their_places()
    {
        Dockerfile file = Given.Dockerfile("FROM a\nCOPY [\"ä b\", \"c\\u0041\", \"/d\"]\n");
        Instruction copy = file.Stages[0].Instructions[0];
        copy.IsJson.ShouldBeTrue();
        copy.Words.Select(w => w.Text).ShouldBe(["ä b", "cA", "/d"]);
        copy.Words.Select(w => w.Span.Text).ShouldBe(["\"ä b\"", "\"c\\u0041\"", "\"/d\""]);
    }

    [Fact]
    public void Broken_json_is_the_shell_form()
    {
        Given.Dockerfile("FROM a\nCMD [ \"a\", ]\n").Stages[0].Instructions[0].IsJson.ShouldBeFalse();
    }

    [Theory]
    [InlineData("ENV a=b c=\"d e\" f=g\\ h", "a=b|c=\"d e\"|f=g\\ h")]
    [InlineData("ENV a b c", "a=b c")]
    [InlineData("LABEL a= b=''", "a=|b=''")]
    [InlineData("ARG a b=1 c=\"x y\"", "a|b=1|c=\"x y\"")]
    public void Names_and_values_are_split_as_they_are_written(string line, string expected)
    {
        Instruction instruction = Given.Dockerfile("FROM a\n" + line).Stages[0].Instructions[0];
        string.Join('|', instruction.Pairs.Select(p => p.Value is null ? p.Name : $"{p.Name}={p.Value}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("FROM a\r\nRUN b \\\r\n  c\r\n")]
    [InlineData("\uFEFFFROM a\nRUN b \\\n  c")]
    [InlineData("FROM a\nRUN b \\\n  c\\")]
    public void Line_ends_and_byte_order_marks_do_not_matter(string text)
    {
        Dockerfile file = Given.Dockerfile(text);
        file.Stages[0].Base.Text.ShouldBe("a");
        file.Stages[0].Instructions[0].Arguments.ShouldBe("b   c");
    }

    [Fact]
    public void Ten_thousand_lines_are_read()
    {
        string text = "FROM a\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"RUN echo {i} \\\n  more\n"));
        Dockerfile file = Given.Dockerfile(text);
        file.Stages[0].Instructions.Length.ShouldBe(5000);
        file.Stages[0].Instructions[^1].FirstLine.ShouldBe(10000);
    }

    [Theory]
    [InlineData("", 1, "the Dockerfile has no instructions")]
    [InlineData("# only a comment\n\n", 1, "the Dockerfile has no instructions")]
    [InlineData("ARG a=1", 1, "the Dockerfile has no `FROM`, so there is no stage to build")]
    [InlineData("RUN x\nFROM a", 1, "`RUN` stands before the first `FROM`")]
    [InlineData("FROM a\nRUM x", 2, "unknown instruction `RUM`")]
    [InlineData("FROM a b", 1, "`FROM` takes one argument or three, not 2")]
    [InlineData("FROM", 1, "`FROM` takes one argument or three, not 0")]
    [InlineData("FROM a AS 1b", 1, "invalid name `1b` of a build stage")]
    [InlineData("FROM --platfrom=x a", 1, "unknown flag `--platfrom` of `FROM`")]
    [InlineData("FROM a\nCOPY x", 2, "`COPY` needs at least two arguments")]
    [InlineData("FROM a\nADD --from=b x y", 2, "unknown flag `--from` of `ADD`")]
    [InlineData("FROM a\nCOPY --from x y", 2, "flag `--from` has no value")]
    [InlineData("FROM a\nCOPY --from=a --from=b x y", 2, "flag `--from` stands twice")]
    [InlineData("FROM a\nCOPY --from=$X x y", 2, "variables are not expanded in `--from`; a stage `FROM ${...} AS name` takes them")]
    [InlineData("FROM a\nCOPY --link=maybe x y", 2, "flag `--link` is true or false, not `maybe`")]
    [InlineData("FROM a\nCOPY x <<EOF\nEOF", 2, "a heredoc cannot be the destination of `COPY`")]
    [InlineData("FROM a\nCOPY https://x.org/a /b", 2, "`https://x.org/a` is an address, which `COPY` does not take")]
    [InlineData("FROM a\nRUN <<EOF\nls\n", 2, "unterminated heredoc")]
    [InlineData("FROM a\nRUN --mount=type=blind x", 2, "unknown type `blind` in `--mount`; the types are bind, cache, tmpfs, secret and ssh")]
    [InlineData("FROM a\nRUN --mount=form=x ls", 2, "unknown key `form` in `--mount`; a key with a similar name exists: `from`")]
    [InlineData("FROM a\nRUN --mount=from=$X ls", 2, "variables are not expanded in `from` of `--mount`; a stage `FROM ${...} AS name` takes them")]
    [InlineData("FROM a\nRUN --network=some ls", 2, "`--network` is default, none or host, not `some`")]
    [InlineData("FROM a\nRUN [1]", 2, "the array of `RUN` holds something that is no string")]
    [InlineData("FROM a\nARG", 2, "`ARG` needs an argument")]
    [InlineData("FROM a\nARG =x", 2, "a name of `ARG` is blank")]
    [InlineData("FROM a\nENV", 2, "`ENV` needs an argument")]
    [InlineData("FROM a\nENV a", 2, "`ENV` needs a name and a value")]
    [InlineData("FROM a\nENV a=b c", 2, "`c` has no `=`")]
    [InlineData("FROM a\nSHELL bash", 2, "`SHELL` takes the JSON form only")]
    [InlineData("FROM a\nWORKDIR", 2, "`WORKDIR` needs an argument")]
    [InlineData("FROM a\nONBUILD ONBUILD RUN x", 2, "`ONBUILD` cannot stand in `ONBUILD`")]
    [InlineData("FROM a\nONBUILD FROM x", 2, "`FROM` cannot stand in `ONBUILD`")]
    [InlineData("FROM a\nHEALTHCHECK NONE x", 2, "`HEALTHCHECK NONE` takes no arguments")]
    [InlineData("FROM a\nHEALTHCHECK EXEC x", 2, "unknown kind `EXEC` of `HEALTHCHECK`")]
    [InlineData("FROM a\nHEALTHCHECK --interval=x CMD x", 2, "`--interval` is a duration, not `x`")]
    [InlineData("FROM a\nHEALTHCHECK --interval=1000µs CMD x", 2, "`--interval` is a duration, not `1000µs`")]
    [InlineData("FROM a\nHEALTHCHECK --timeout=30 CMD x", 2, "`--timeout` is a duration, not `30`")]
    [InlineData("FROM a\nHEALTHCHECK --start-period=1ns CMD x", 2, "`--start-period` is at least 1ms, not `1ns`")]
    [InlineData("FROM a\nHEALTHCHECK --start-interval=-1s CMD x", 2, "`--start-interval` is at least 1ms, not `-1s`")]
    [InlineData("FROM a\nHEALTHCHECK --interval=9999999h CMD x", 2, "`--interval` is a duration, not `9999999h`")]
    [InlineData("FROM a\nHEALTHCHECK --retries=-1 CMD x", 2, "`--retries` is a number from 0, not `-1`")]
    [InlineData("FROM a\nHEALTHCHECK --retries=$R CMD x", 2, "`--retries` is a number from 0, not `$R`")]
    [InlineData("# escape=x\nFROM a", 1, "invalid escape token `x`")]
    [InlineData("# escape=`\n# escape=`\nFROM a", 2, "only one `escape` parser directive can be used")]
    public void What_BuildKit_rejects_is_rejected_with_its_line(string text, int line, string message)
    {
        Devloop.Diagnostics.Diagnostic first = Given.Read(text).Diagnostics.ShouldNotBeEmpty_First();
        first.Code.ShouldBe("DL1020");
        first.Message.ShouldBe(message);
        first.At!.Line.ShouldBe(line);
    }

    [Theory]
    [InlineData("HEALTHCHECK --interval=1h2m3.5s --timeout=.5s --start-period=1000us --retries=+2 CMD x")]
    [InlineData("HEALTHCHECK --interval= --retries= CMD x")]
    [InlineData("HEALTHCHECK --interval=0 --start-period=0s --retries=0 CMD x")]
    [InlineData("HEALTHCHECK --interval=x --nope NONE")]
    [InlineData("STOPSIGNAL --nope=1 9")]
    [InlineData("ARG --nope a")]
    [InlineData("ONBUILD HEALTHCHECK --interval=x CMD x")]
    public void What_BuildKit_takes_is_taken(string line) => Given.Read("FROM a\n" + line).Diagnostics.ShouldBeEmpty();

    [Fact]
    public void A_mistyped_instruction_is_told_its_nearest()
    {
        Given.Read("FROM a\nCOYP a b").Diagnostics.Single().Help.ShouldBe("an instruction with a similar name exists: `COPY`");
    }

    [Fact]
    public void Reading_and_resolving_random_text_never_throws()
    {
        string[] parts = ["FROM ", "a", "\n", "\\\n", "RUN ", "COPY ", "--from=", "--mount=", "from=", "<<E", "<<-\"E", "\nE\n", "${", "}", ":-", "$a", "\"", "'", "[\"", "]", ",", "ARG ", "=", "ONBUILD ", "#", "# escape=`\n", "\r", "\t", " ", "`", "\uFEFF", "ENV ", "ä", "\uD800", "--", "/", "HEALTHCHECK ", "*", "%%", "##", "//"];
        Gen<string> text = Gen.Elements(parts).ListOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), written =>
        {
            foreach (string each in new[] { written, "FROM a\n" + written })
            {
                if (Given.Read(each).Value is not { } file || DockerfileResolver.Resolve(file, new BuildVariables()).Value is not { } resolved)
                    continue;
                InputPatterns.Of(resolved);
                DockerfileDigest.ReducedText(resolved);
                Pinning.Pin(resolved, _ => "x");
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60));
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_no_harm()
    {
        string deep = string.Concat(Enumerable.Repeat("${a:-", 100_000));
        Given.TryResolve($"FROM {deep}x").Diagnostics.First().Message.ShouldContain("nested too deeply");
        Given.Read("FROM a\n" + string.Concat(Enumerable.Repeat("ONBUILD ", 100_000)) + "RUN x").Diagnostics.Length.ShouldBe(1);
        Given.Read("FROM a\nRUN " + new string('[', 100_000)).Diagnostics.ShouldBeEmpty();
    }
}
