using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;
using Shouldly;

namespace Devloop.Testing.Fuzzing;

/// <summary>Ignore rules and sources against paths: the last line of a text is the sources, the one before it a path.</summary>
internal static class IgnoreFuzz
{
    private static readonly string[] Paths = ["a", "a/b", "a/b/c.go", "b.md", "[x]", "a*b", "-", "é/ü", "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/b", new string('a', 600)];

    public static FuzzTarget Target { get; } = new("ignore",
        ["*.md\n!a.md\na/b/c.md\n*", "**/x\n!**/x/y\n# c\n /a/ \na/x/y/z\na ?/*", "[a-c]*\n\\*\n!b\\[\n[^x]?\nb/c\n[a-z] **/d", "*\n!src\nsrc/**/t?\nsrc/a/t1\nsrc/*/t1 ./src/", "a**b\n***\n**a**b**c**\n!*a*a*a*a*\naaaaaaaaab\n*/*/*"],
        ["*", "**", "**/", "/**", "/", "!", "?", "[", "]", "[^", "[a-z]", "a-", "\\", "\\\\", "#", "..", "./", "//", "\n", "\r\n", " ", "\t", "\uFEFF", "^", "$", "+", "(", "a", "b", "é", "😀", "\uD83D", "\0", "a/b/c", "*a"],
        Check);

    private static void Check(string text)
    {
        string[] lines = text.Split('\n');
        string sources = lines[^1].Replace('\r', ' ').Replace("\\", "\\\\", StringComparison.Ordinal);
        Parsed<IgnoreRules> rules = IgnoreRules.Read(new SourceText(".dockerignore", string.Join('\n', lines[..^1])));
        DockerfileFuzz.Places(rules.Diagnostics);
        Parsed<Dockerfile> file = DockerfileReader.Read(new SourceText("Dockerfile", $"FROM scratch\nCOPY {sources} /\n"));
        if (rules.Value is not { } ignore || file.HasErrors || InputPatterns.Of(file.Value!, new BuildVariables()).Value is not { } patterns)
            return;
        var filter = new ContextFilter(patterns, ignore);
        string own = string.Join('/', (lines.Length > 1 ? lines[^2] : "a").Split('/').Where(p => p is not ("" or "." or "..")));
        foreach (string path in own.Length > 0 ? Paths.Append(own) : Paths)
        {
            filter.FollowLinks([new ContextEntry(path, new ContextNode.Link(path.Split('/')[^1], 0, "../a/" + path))]);
            // A walk that asks for each directory on the way comes to the same end as the question for the path alone.
            bool reached = true;
            for (int slash = path.IndexOf('/'); slash >= 0 && reached; slash = path.IndexOf('/', slash + 1))
                reached = filter.Judge(path[..slash], EntryKind.Directory) != InputVerdict.Prune;
            bool read = reached && filter.Judge(path, EntryKind.File) == InputVerdict.Include;
            read.ShouldBe(filter.Explain(path) is InputReason.Read, path);
        }
    }
}
