using Devloop.Dockerfiles;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Dockerfiles;

public class PinningTests
{
    private static string Pin(string text) => Pinning.Pin(Given.Resolved(text), m => $"reg/{m.Text.Split(':')[0]}:new").Text;

    [Theory]
    [InlineData("# app\nFROM app\r\nRUN app\r\n", "# app\nFROM reg/app:new\r\nRUN app\r\n")]
    [InlineData("ARG B=app:1\nFROM --platform=linux/amd64 ${B} as x", "ARG B=app:1\nFROM --platform=linux/amd64 reg/app:new as x")]
    [InlineData("ARG V=1\nFROM app:$V", "ARG V=1\nFROM reg/app:new")]
    [InlineData("FROM scratch\nCOPY --chown=1 --from=app /a /b", "FROM scratch\nCOPY --chown=1 --from=reg/app:new /a /b")]
    [InlineData("FROM scratch\nCOPY --from=\"app\" /a /b", "FROM scratch\nCOPY --from=\"reg/app:new\" /a /b")]
    [InlineData("FROM scratch\nCOPY --from=a\"pp\" /a /b", "FROM scratch\nCOPY --from=reg/app:new\"\" /a /b")]
    [InlineData("FROM scratch\nRUN --mount=type=bind,from=app,target=/x ls app", "FROM scratch\nRUN --mount=type=bind,from=reg/app:new,target=/x ls app")]
    [InlineData("FROM scratch\nRUN --mount=\"from=app,target=/x\" ls", "FROM scratch\nRUN --mount=\"from=reg/app:new,target=/x\" ls")]
    [InlineData("FROM scratch\nONBUILD COPY --from=app /a /b", "FROM scratch\nONBUILD COPY --from=reg/app:new /a /b")]
    [InlineData("FROM \\\n # c\n  app \\\n  AS x\nRUN y", "FROM \\\n # c\n  reg/app:new \\\n  AS x\nRUN y")]
    [InlineData("FROM ap\\\np\nRUN y", "FROM \\\nreg/app:new\nRUN y")]
    [InlineData("FROM scratch AS app\nFROM app\nCOPY --from=app a b", "FROM scratch AS app\nFROM app\nCOPY --from=app a b")]
    public void Only_the_reference_changes(string text, string expected)
    {
        Pin(text).ShouldBe(expected);
    }

    [Fact]
    public void A_mention_without_a_replacement_stays()
    {
        ResolvedDockerfile resolved = Given.Resolved("FROM a AS x\nFROM b\nCOPY --from=c / /");
        Pinning.Pin(resolved, m => m.Text == "b" ? "b:1" : null).Text.ShouldBe("FROM a AS x\nFROM b:1\nCOPY --from=c / /");
    }

    [Fact]
    public void Pins_are_read_back_keep_the_lines_and_can_be_taken_out_again()
    {
        string[] lines =
        [
            "ARG B=base:1\n", "FROM base\n", "FROM $B AS s\n", "FROM --platform=linux/arm64 ba\\\n# c\n\nse\n", "COPY --from=tool /a /b\n", "COPY --fr\\\nom=to\\\nol /a /b\n",
            "RUN --mount=from=\"tool\",target=/a --mount=type=cache,target=/c x\n", "ONBUILD RUN --mount=target=/x,from=tool x\n", "# FROM base\n", "RUN <<E\nFROM base\nE\n", "COPY --from='to'ol a b\r\n", "COPY --from=0 a b\n",
            "ONBUILD COPY --from=tool:1@sha256:" + new string('0', 64) + " /a /b\n", "FROM --platform=$BUILDPLATFORM ${B:-x}\n", "ARG C=${B}\n", "RUN --mount=type=cache,from=first,target=/c --mount=from=FIRST2,target=/d x\n",
        ];
        Prop.ForAll(Gen.Elements(lines).ListOf().Select(l => "FROM first\n" + string.Concat(l)).ToArbitrary(), text =>
        {
            if (Given.Read(text) is not { HasErrors: false, Value: { } file } || DockerfileResolver.Resolve(file, new BuildVariables()) is not { HasErrors: false, Value: { } resolved })
                return;
            PinnedDockerfile pinned = Pinning.Pin(resolved, m => $"r:5/{m.Text.Replace(':', '-')}:devloop-0123456789abcdef");
            pinned.Unpin(pinned.Text).ShouldBe(text);
            pinned.Text.Count(c => c == '\n').ShouldBe(text.Count(c => c == '\n'));

            ResolvedDockerfile again = Given.Resolved(pinned.Text);
            again.Mentions.Select(m => m.Text).ShouldBe(resolved.Mentions.Select(m => $"r:5/{m.Text.Replace(':', '-')}:devloop-0123456789abcdef"));
            again.Mentions.Select(m => m.Instruction.FirstLine).ShouldBe(resolved.Mentions.Select(m => m.Instruction.FirstLine));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000));
    }
}
