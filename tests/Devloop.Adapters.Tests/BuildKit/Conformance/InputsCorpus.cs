using System.Collections.Immutable;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>Contexts and Dockerfiles by hand, a corner of the language each.</summary>
internal static class InputsCorpus
{
    private static readonly ImmutableArray<string> Links =
    [
        "real/file", "real/other", "real/deep/x", "v1/app", "v2/app", "top", "data/one", "data/two",
        "file.lnk -> real/file", "dir.lnk -> real", "chain1 -> chain2", "chain2 -> chain3", "chain3 -> real/deep", "absolute -> /data", "outside -> ../../etc/passwd",
        "dangling -> nowhere", "loop -> loop", "ping -> pong", "pong -> ping", "current -> releases/latest", "releases/latest -> ../v2", "into -> real/deep/..", "self/me -> .",
        "up/link -> ../top", "a.lnk -> data/one", "b.lnk -> data/two", "slash -> data/", "dot -> ./data/./one",
    ];

    public static IEnumerable<InputsCase> All => [.. Sources(), .. Stages(), .. Variables(), .. Mounts(), .. Ignores(), .. LinkCases(), .. Names(), .. NewerLanguage()];

    private static IEnumerable<InputsCase> Sources() => new[]
    {
        "COPY a.txt /", "COPY a.txt b.md /d/", "COPY . /", "COPY ./ /", "COPY / /", "COPY /. /", "COPY ./. /", "COPY dir /", "COPY dir/ /", "COPY ./dir /", "COPY /dir /", "COPY //dir//sub/ /", "COPY dir/../src /",
        "COPY ../src /", "COPY ../../a.txt /", "COPY dir/./sub /", "COPY dir/.. /", "COPY .. /", "COPY up/..x /",
        "COPY *.md /", "COPY * /", "COPY ?.txt /", "COPY [a-b].* /", "COPY [^a]* /", "COPY dir/*/c.go /", "COPY */*.md /", "COPY d?r/sub /", "COPY */ /", "COPY s*/lib /", "COPY dir/*/deep /", "COPY src*/z.go /", "COPY **/*.go /", "COPY dir/** /", "COPY ** /",
        "COPY \\[x\\] /", "COPY [\"[[]x]\", \"/\"]", "COPY x\\*y /", "COPY [\"x\\\\*y\", \"/\"]", "COPY nowhere /", "COPY nowhere* /", "COPY [\"a b.txt\", \"/\"]", "COPY [\"a.txt\", \"dir\", \"/d/\"]", "COPY ä /", "COPY ä/ü.txt /", "COPY .hidden /", "COPY .* /",
        "ADD a.txt /", "ADD data.tar /", "ADD dir /", "ADD *.go /", "ADD http://127.0.0.1:1/x /x", "COPY --chown=1:2 a.txt /", "ADD --chown=1 dir/a.txt /",
        "WORKDIR /w\nCOPY a.txt .", "WORKDIR dir\nCOPY a.txt sub/", "COPY a.txt /\nCOPY dir/a.txt /", "COPY dir /\nCOPY dir/sub /", "COPY a.txt \\\n  # comment\n\n  b.md /d/", "copy a.txt /", "USER me", "ENV a=b", "COPY dir/sub/empty /", "COPY src/lib/.keep /",
        "COPY --from=0 a.txt /", "COPY dir/sub/empty/ dir/sub/c.go /x/", "COPY a.txt /dir/\nCOPY . /all", "COPY Dockerfile /", "COPY [a.txt /", "COPY dir/[ /", "COPY [\"dir/[\", \"/\"]",
    }.Select(lines => new InputsCase(lines));

    private static IEnumerable<InputsCase> Stages() =>
    [
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nCOPY b.md /"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nCOPY b.md /\nCOPY --from=a /a.txt /x"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nCOPY --from=0 /a.txt /x"),
        new("FROM scratch AS First\nCOPY a.txt /\nFROM scratch\nCOPY --from=FIRST /a.txt /x"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM a\nCOPY b.md /"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM A AS b\nCOPY b.md /\nFROM b"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch AS b\nCOPY b.md /\nFROM scratch AS c\nCOPY c.go /") { Target = "b" },
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch AS b\nCOPY b.md /\nCOPY --from=a /a.txt /\nFROM scratch AS c\nCOPY c.go /") { Target = "B" },
        new("FROM scratch\nCOPY a.txt /\nFROM scratch\nCOPY b.md /") { Target = "0" },
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch AS a\nCOPY b.md /\nFROM scratch\nCOPY --from=a / /"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch AS a\nCOPY b.md /") { Target = "a" },
        new("FROM scratch AS a\nONBUILD COPY a.txt /\nFROM a\nCOPY b.md /"),
        new("FROM scratch AS a\nONBUILD COPY a.txt /\nONBUILD COPY dir/a.txt /d\nFROM scratch\nCOPY b.md /"),
        new("FROM scratch AS a\nONBUILD COPY a.txt /\nFROM a AS b\nFROM b\nCOPY c.go /"),
        new("FROM scratch AS z\nCOPY src /\nFROM scratch AS a\nONBUILD COPY --from=z / /\nFROM a") { Besides = "a stage that only a trigger copies from is empty before 1.11" },
        new("FROM scratch AS a\nONBUILD ARG F=b.md\nONBUILD COPY $F /\nFROM a"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch AS b\nCOPY --from=a / /\nFROM scratch AS c\nCOPY --from=b / /\nCOPY c.go /"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nRUN --mount=from=a,target=/m x"),
        new("FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nRUN --mount=type=cache,from=a,target=/m x"),
        new("FROM --platform=linux/amd64 scratch AS a\nCOPY a.txt /\nFROM a\nCOPY b.md /"),
        new("FROM scratch\nCOPY a.txt /") { Target = "nowhere" },
        new("FROM scratch AS a\nCOPY --from=b a.txt /\nFROM scratch AS b\nCOPY b.md /"),
        new("FROM scratch AS scratch\nCOPY a.txt /\nFROM scratch\nCOPY b.md /"),
    ];

    private static IEnumerable<InputsCase> Variables() =>
    [
        new("ARG F=a.txt\nFROM scratch\nCOPY $F /"),
        new("ARG F=a.txt\nFROM scratch\nARG F\nCOPY $F /"),
        new("ARG F=a.txt\nFROM scratch\nARG F=b.md\nCOPY $F /"),
        new("ARG F=a.txt\nFROM scratch\nARG F\nCOPY $F /") { Args = [("F", "c.go")] },
        new("ARG F=a.txt\nFROM scratch\nCOPY $F b.md /d/") { Args = [("F", "c.go")] },
        new("ARG D=dir\nARG F=$D/a.txt\nFROM scratch\nARG F\nCOPY $F /"),
        new("ARG F=a.txt\nARG F=b.md\nFROM scratch\nARG F\nCOPY ${F} /"),
        new("ARG B=scratch\nFROM $B\nCOPY a.txt /"),
        new("ENV F a.txt\nCOPY $F /"), new("ENV F=a.txt G=b.md\nCOPY $F $G /d/"), new("ENV D=dir F=$D/a.txt\nCOPY $F /"), new("ENV D=dir\nENV F=$D/a.txt\nCOPY $F /"),
        new("FROM scratch\nARG F=a.txt\nENV F=b.md\nCOPY $F /"), new("FROM scratch\nENV F=b.md\nARG F=a.txt\nCOPY $F /"), new("FROM scratch\nENV F=b.md\nARG F=a.txt\nCOPY $F /") { Args = [("F", "c.go")] },
        new("FROM scratch\nARG F\nCOPY ${F:-a.txt} /"), new("FROM scratch\nARG F\nCOPY ${F:-a.txt} /") { Args = [("F", "")] }, new("FROM scratch\nARG F=x\nCOPY ${F:+b.md} /"), new("FROM scratch\nARG F\nCOPY dir${F}/a.txt /"),
        new("FROM scratch\nCOPY $F /") { Args = [("F", "a.txt")] }, new("FROM scratch\nARG F=*.md\nCOPY $F /"), new("FROM scratch\nARG F=a*\nCOPY \"$F\" /"), new("FROM scratch\nCOPY \\$F a.txt /d/"), new("FROM scratch\nCOPY '$F' a.txt /d/"),
        new("FROM scratch AS a\nENV F=a.txt\nFROM a\nCOPY $F /"), new("FROM scratch AS a\nARG F=a.txt\nFROM a\nCOPY ${F:-b.md} /"), new("FROM scratch\nARG TARGETARCH\nCOPY ${TARGETARCH:-a.txt} b.md /d/"), new("FROM scratch\nCOPY ${TARGETARCH:-a.txt} /"),
        new("FROM scratch\nENV F=\"a b.txt\"\nCOPY $F /"), new("FROM scratch\nARG D=dir/\nCOPY ${D}sub /"), new("# escape=`\nFROM scratch\nARG F=dir\nCOPY $F\\a.txt `\n b.md /d/"), new("FROM scratch\nCOPY d\"i\"r/'a.txt' /"), new("FROM scratch\nCOPY dir\\/a.txt /"),
        new("FROM scratch\nARG F=a.txt G=b.md\nCOPY $F /"), new("FROM scratch\nCOPY ${F:-${G:-b.md}} /"), new("FROM scratch\nENV F=x\nCOPY ${F:+${F:+c.go}} /"),
    ];

    private static IEnumerable<InputsCase> Mounts() => new[]
    {
        "RUN --mount=target=/m x", "RUN --mount=type=bind,target=/m x", "RUN --mount=type=bind,source=dir,target=/m x", "RUN --mount=source=/dir/sub,target=/m x", "RUN --mount=src=a.txt,target=/m x", "RUN --mount=source=./dir/,target=/m x",
        "RUN --mount=type=cache,target=/m x", "RUN --mount=type=tmpfs,target=/m x", "RUN --mount=type=secret,id=s x", "RUN --mount=source=dir,target=/m --mount=source=src,target=/n x", "RUN --mount=source=dir,target=/m,rw x", "COPY a.txt /\nRUN --mount=source=dir,target=/m x",
        "RUN --mount=type=bind,source=../src,target=/m x", "RUN --mount=type=cache,source=dir,target=/m x", "RUN --mount=type=bind,from=scratch,source=dir,target=/m x", "RUN --mount=source=nowhere,target=/m x", "RUN --mount=\"source=dir,target=/m\" x",
        "RUN --mount=source=*.md,target=/m x",
    }.Select(lines => new InputsCase(lines))
        .Append(new InputsCase("ENV D=dir\nRUN --mount=source=$D,target=/m x") { Besides = "variables in a mount have values since 1.4; before, there is no such file" });

    private static IEnumerable<InputsCase> Ignores()
    {
        // Patterns that are no patterns (`[`, a lone `!`) are refused by the client, before BuildKit is asked.
        string[] everything =
        [
            "*", "**", "*\n!a.txt", "*\n!dir", "*\n!dir/sub", "*\n!dir/sub/c.go", "!a.txt", "!a.txt\n*", "**/*.go", "**/*.go\n!src/lib/x.go", "*.md", "*/*.md", "dir", "dir/", "/dir", "./dir", "dir/*", "dir/**", "dir/*\n!dir/sub", "dir\n!dir/a.txt", "dir\n!dir/a.txt\ndir/a*",
            "# a comment\n a.txt \n\n  # b.md\n", " #x\na.txt", "a.txt   ", "\ta.txt", "a.txt\r\nb.md\r\n", "\uFEFFa.txt\nb.md", "[ab].*", "[^a].*", "?.txt", "\\[x\\]", "x\\*y", "b\\\\c", "Dockerfile\n.dockerignore", ".dockerignore", "*ockerfile*", ".", "/", "..", "dir/..", "dir/../src", "../a.txt", 
            "a?b*", "a b.txt", "ä", "**/lib", "**/lib/**", "src/**/y.txt", "**/sub/**/d.txt", "src*", "**\n!**/*.go", "*\n!**/*.go", "*\n!*/lib", "*\n!src*", "dir\n!**/c.go", "**/*\n!a.txt", "d*r/s?b", "dir/sub/\n!dir/sub/deep", "*.txt\n!dir/*.txt", "!dir\ndir\n!dir/b.md", "/*\n!/src/", "*/", "src/lib/x.go\nsrc/lib", "^a.txt", "+a", "a.txt$", "(a|b).txt", "{a,b}.txt", ".*", "! a.txt", "**/", "/**", "**dir", "d**r", "dir**", "***", "dir/***", "!!a.txt",
            "*\n!./dir", "*\n!/dir/a.txt", "*\n!dir/", "src\n!src/lib\nsrc/lib/y.txt", "**/a.txt\n!dir/a.txt", "A.TXT", "*\n!*.md\n!.dockerignore", "dir\n!dir", "dir/sub\n!dir/sub/**/d.txt",
        ];
        foreach (string ignore in everything)
            yield return new InputsCase("COPY . /") { Ignore = ignore };
        yield return new InputsCase("COPY dir /") { Ignore = "*.md\ndir/sub" };
        yield return new InputsCase("COPY dir /") { Ignore = "*\n!dir/sub/c.go" };
        yield return new InputsCase("COPY dir/sub/c.go /") { Ignore = "dir" };
        yield return new InputsCase("COPY a.txt dir /d/") { Ignore = "dir\n!dir/a.txt" };
        yield return new InputsCase("COPY *.md dir/*.md /d/") { Ignore = "**/*.md\n!dir/*.md" };
        yield return new InputsCase("COPY Dockerfile .dockerignore /d/") { Ignore = "Dockerfile" };
        yield return new InputsCase("COPY .dockerignore /") { Ignore = "a.txt" };
        yield return new InputsCase("RUN --mount=target=/m x") { Ignore = "dir" };
        yield return new InputsCase("USER me") { Ignore = "*" };
        yield return new InputsCase("COPY . /") { Ignore = "a.txt", OwnIgnore = "b.md" };
        yield return new InputsCase("COPY . /") { OwnIgnore = "*\n!src" };
        yield return new InputsCase("COPY . /") { Ignore = "*", OwnIgnore = "" };
        yield return new InputsCase("COPY . /") { Ignore = "*", OwnIgnore = "# nothing" };
        yield return new InputsCase("COPY . /") { Ignore = "" };
        yield return new InputsCase("COPY dir.lnk /") { Tree = Links, Ignore = "real/deep" };
        yield return new InputsCase("COPY dir.lnk/file /") { Tree = Links, Ignore = "dir.lnk" };
        yield return new InputsCase("COPY current/app /") { Tree = Links, Ignore = "v2" };
        yield return new InputsCase("COPY current/app /") { Tree = Links, Ignore = "*\n!current" };
    }

    private static IEnumerable<InputsCase> LinkCases() => new[]
    {
        "file.lnk", "dir.lnk", "dir.lnk/", "dir.lnk/file", "dir.lnk/deep", "chain1", "chain1/x", "absolute", "absolute/one", "outside", "dangling", "dangling/x", "loop", "loop/x", "ping", "current", "current/app", "releases/latest/app", "releases", "into", "into/file", "self/me", "self/me/me/me",
        "up/link", "up", "*.lnk", "*.lnk/file", "d*.lnk", "slash/one", "dot", ".", "self", "releases/*", "*/link", "c*1/x", "chain?", "current/*", "dir.lnk/../top", "up/../dir.lnk/other", "a.lnk b.lnk",
    }.Select(source => new InputsCase($"COPY {source} /d/") { Tree = Links }).Append(new InputsCase("RUN --mount=source=dir.lnk,target=/m x") { Tree = Links }).Append(new InputsCase("ADD file.lnk current /d/") { Tree = Links });

    private static IEnumerable<InputsCase> Names()
    {
        string longName = new('n', 250), longPath = string.Join('/', Enumerable.Repeat(new string('p', 100), 20));
        ImmutableArray<string> tree = ["new\nline", "tab\there", "quote\"s", "dollar$x", "semi;colon", "日本/語.txt", "e\u0301", "é", longName, longPath + "/f", "sp ace/f", "-dash", "--from=x", "#hash", "a,b", "a=b", "~", "C:x", "emoji😀", "trailing ", ".../f", "..a", "a..", "back\\slash"];
        string[] sources =
        [
            ".", "*", "[\"sp ace\", \"/\"]", "[\"tab\\there\", \"/\"]", "[\"quote\\\"s\", \"/\"]", "日本 /", "日本/語.txt /", "日?/* /", "é /", "e\u0301 /", longName + " /", longPath + "/f /", longPath + " /", "sp* /", "[\"-dash\", \"/\"]", "#hash /", "a,b /", "a=b /", "~ /",
            "C:x /", "emoji😀 /", "emoji? /", "... /", "..a /", "a.. /", "dollar\\$x /", "semi;colon /", "[\"back\\\\\\\\slash\", \"/\"]", "back\\\\slash /",
        ];
        return sources.Select(s => new InputsCase("COPY " + (s.Length == 1 ? s + " /" : s)) { Tree = tree })
            .Append(new InputsCase("COPY [\"trailing \", \"/\"]") { Tree = tree, Besides = "the client's matcher takes surrounding space off a path, and the build then fails" })
            .Append(new InputsCase("COPY . /") { Tree = tree, Ignore = "sp ace\n日*\n#hash\n\\#hash\nemoji?\n" + longName });
    }

    /// <summary>What the engine may be too old for, with what the documentation of the language promises.</summary>
    private static IEnumerable<InputsCase> NewerLanguage() =>
    [
        new("COPY --parents dir/sub/c.go /") { Documented = ["dir/sub/c.go"] }, // 1.20
        new("COPY --parents **/*.go /") { Documented = ["c.go", "dir/sub/c.go", "src/lib/x.go", "src/main.go", "src2/z.go"] },
        new("COPY --parents ./dir/./sub/c.go /") { Documented = ["dir/sub/c.go"] },
        new("COPY --parents dir/*/c.go /") { Documented = ["dir/sub/c.go"] },
        new("COPY --parents dir/**/d.txt /") { Documented = ["dir/sub/deep/d.txt"] },
        new("COPY --exclude=*.md dir /") { Documented = ["dir/a.txt", "dir/sub/c.go", "dir/sub/deep/d.txt"] }, // 1.19
        new("COPY --exclude=sub dir /") { Documented = ["dir/a.txt", "dir/b.md"] },
        new("COPY --exclude=*.txt --exclude=*.md *.* /") { Documented = [".hidden", "c.go", "data.tar"] },
        new("COPY --exclude=**/*.go src /") { Documented = ["src/lib/.keep", "src/lib/y.txt"] },
        new("ADD --exclude=*.txt dir /") { Documented = ["dir/b.md", "dir/sub/c.go", "dir/sub/deep/d.txt"] },
        new("COPY --link a.txt /") { Documented = ["a.txt"] }, // 1.4
        new("COPY --link --chmod=644 a.txt b.md /d/") { Documented = ["a.txt", "b.md"] },
        new("COPY <<EOF /x\na.txt\nEOF\n") { Documented = [] }, // 1.4
        new("COPY a.txt <<EOF b.md /d/\nCOPY c.go /\nEOF\n") { Documented = ["a.txt", "b.md"] },
        new("COPY <<-\"EOF\" a.txt /d/\n\tx\n\tEOF\n") { Documented = ["a.txt"] },
        new("RUN <<\"E O F\"\nx\nE O F\nCOPY a.txt /") { Documented = ["a.txt"] },
        new("RUN <<EOF\nCOPY a.txt /\nEOF\nCOPY b.md /") { Documented = ["b.md"] },
        new("ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d http://127.0.0.1:1/x /x") { Documented = [] }, // 1.6
        new("ADD git@127.0.0.1:x.git /x") { Documented = [] }, // 1.4
        new("FROM scratch\nARG F=a.txt.gz\nCOPY ${F%.gz} /") { Documented = ["a.txt"] }, // 1.7
        new("FROM scratch\nARG F=x/a.txt\nCOPY ${F#*/} /") { Documented = ["a.txt"] },
        new("FROM scratch\nARG F=b.txt\nCOPY ${F/txt/md} /") { Documented = ["b.md"] },
        new("FROM scratch\nARG F\nCOPY ${F-a.txt} /") { Documented = ["a.txt"] }, // 1.5
        new("FROM scratch\nARG F=\nCOPY dir${F+/a.txt} /") { Documented = ["dir/a.txt"] },
    ];
}
