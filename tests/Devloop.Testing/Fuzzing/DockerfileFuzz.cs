using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Text;
using Shouldly;

namespace Devloop.Testing.Fuzzing;

/// <summary>The Dockerfile reader, what is resolved from it, and pinning.</summary>
internal static class DockerfileFuzz
{
    public static FuzzTarget Target { get; } = new("dockerfile",
    [
        "FROM scratch\nCOPY a b/*.c /d/\n",
        "# syntax=docker/dockerfile:1\n# escape=`\nARG V=1.2\nFROM --platform=$BUILDPLATFORM base:${V:-3} AS build\nRUN --mount=type=bind,from=tool:1,source=x,target=/m `\n  # c\n\n make\nFROM build\nCOPY --from=build --chown=1 [\"a b\", \"/c\"]\n",
        "FROM a\nRUN <<EOF cat <<-\"TWO\"\nx $V\nEOF\n\ty\n\tTWO\nCOPY <<one <<'two' /d/\none\none\ntwo\ntwo\n",
        "FROM a AS x\nONBUILD COPY --from=y:1 . /\nONBUILD RUN --mount=from=z x\nFROM x\nENV A=b C=\"d e\" F g h\nLABEL a='b' c=${A:+x}\nHEALTHCHECK --interval=1s CMD [\"x\"]\nSHELL [\"a\", \"b\"]\n",
        "ARG A\nARG B=${A:-x/y.z}\nFROM ${B#*/}:${B//./-}\nARG B\nADD --exclude=*.md --exclude=!a ${B%.*} http://x/y /z/\nCOPY --parents --link a/./b /c\nVOLUME [\"/a\"]\nUSER $B\nWORKDIR ${B-c}\nEXPOSE 80/tcp\nSTOPSIGNAL 9\n",
    ],
    [
        "FROM ", "AS ", "ARG ", "ENV ", "COPY ", "ADD ", "RUN ", "ONBUILD ", "HEALTHCHECK ", "--from=", "--mount=", "type=bind,", "from=", "source=", "--exclude=", "--parents ", "<<E", "<<-'E'", "\nE\n", "${", "$", "}", ":-", ":+", ":?", "##", "%%", "//", "/",
        "\\", "\\\n", "`\n", "\r\n", "\n", "\n#", "# escape=`\n", "[\"", "\", \"", "\"]", "[", "{", "\"", "'", ",", "=", " ", "\t", "\v", "\uFEFF", "\0", "\uD800", "😀", "..", "*", "**/", "scratch", "0", "a:b@sha256:", "--", "@", "${a:-",
    ], Check);

    private static void Check(string text)
    {
        var source = new SourceText("Dockerfile", text);
        Parsed<Dockerfile> parsed = DockerfileReader.Read(source);
        Places(parsed.Diagnostics);
        if (parsed.Value is not { } file)
            return;
        foreach (Instruction instruction in file.Instructions)
        {
            _ = instruction.Arguments;
            Inside(instruction.Span);
            foreach (Word word in instruction.Words)
                Inside(word.Span);
            foreach (Heredoc heredoc in instruction.Heredocs)
                heredoc.Span.Text.ShouldBe(heredoc.Content);
        }
        Parsed<ResolvedDockerfile> resolved = DockerfileResolver.Resolve(file, new BuildVariables());
        Places(resolved.Diagnostics);
        if (resolved.Value is not { } dockerfile)
            return;
        InputPatterns.Of(dockerfile);
        DockerfileDigest.ReducedText(dockerfile);
        foreach (ImageMention mention in dockerfile.Mentions)
            Inside(mention.Span);
        PinnedDockerfile pinned = Pinning.Pin(dockerfile, m => "reg:5/x:devloop-" + m.Text.Length);
        pinned.Unpin(pinned.Text).ShouldBe(text);
        pinned.Text.Count(c => c == '\n').ShouldBe(text.Count(c => c == '\n'));
    }

    internal static void Places(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (Diagnostic diagnostic in diagnostics)
        {
            if (diagnostic.At is not null)
                Inside(diagnostic.At);
        }
    }

    internal static void Inside(SourceSpan span)
    {
        (span.Start >= 0 && span.Length >= 0 && span.End <= span.Source.Content.Length).ShouldBeTrue();
        (span.Line >= 1 && span.Line <= span.Source.LineCount && span.Column >= 1).ShouldBeTrue();
    }
}
