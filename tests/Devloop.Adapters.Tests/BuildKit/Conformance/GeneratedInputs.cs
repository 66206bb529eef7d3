using System.Collections.Immutable;
using System.Text;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>Contexts and Dockerfiles by chance; the seed makes them the same every time.</summary>
internal static class GeneratedInputs
{
    private static readonly string[] Names = ["a", "b", "c", "ab", "a.go", "b.md", ".x", "a b"];
    private static readonly string[] Parts = ["a", "b", "c", "ab", "*", "?", "a*", "*.go", "[ab]", "[^a]", "a.go", ".", "..", ".x", "b.md", "**"];
    private static readonly string[] Targets = ["a", "b/c", "../a", "/c", ".", "..", "nowhere", "ab/", "../b/a", "/"];

    public static IEnumerable<InputsCase> Cases(int seed, int count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
            yield return Case(random);
    }

    private static InputsCase Case(Random random)
    {
        int stages = random.Next(1, 4);
        var text = new StringBuilder();
        for (int stage = 0; stage < stages; stage++)
        {
            text.Append(stage > 0 && random.Next(3) == 0 ? $"FROM s{random.Next(stage)} AS s{stage}\n" : $"FROM scratch AS s{stage}\n");
            if (random.Next(3) == 0)
                text.Append($"{Pick(random, "ARG", "ENV")} V={Pattern(random)}\n");
            for (int i = random.Next(1, 4); i > 0; i--)
                text.Append(Instruction(random, stage)).Append('\n');
        }
        return new InputsCase(text.ToString())
        {
            Tree = Tree(random),
            Ignore = random.Next(2) == 0 ? null : string.Join('\n', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pick(random, "", "", "!", "/", "**/", "!**/") + Pattern(random))),
            Target = random.Next(4) == 0 ? $"s{random.Next(stages)}" : null,
        };
    }

    private static string Instruction(Random random, int stage) => random.Next(10) switch
    {
        0 => $"RUN --mount=source={Pattern(random).Replace(",", "", StringComparison.Ordinal)},target=/m x",
        1 => $"ONBUILD COPY {Pattern(random)} /o/",
        2 when stage > 0 => $"COPY --from=s{random.Next(stage)} / /f/",
        3 => $"COPY $V {Pattern(random)} /d/",
        4 => $"ADD {Pattern(random)} {Pattern(random)} /d/",
        _ => $"COPY {Pattern(random)} /d/",
    };

    private static string Pattern(Random random) =>
        Pick(random, "", "", "", "/", "./") + string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(random, Parts))) + Pick(random, "", "", "", "/");

    /// <summary>Without names that are a file and a directory at once.</summary>
    private static ImmutableArray<string> Tree(Random random)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal);
        var entries = ImmutableArray.CreateBuilder<string>();
        for (int i = random.Next(4, 16); i > 0; i--)
        {
            string[] parts = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pick(random, Names))];
            string path = string.Join('/', parts);
            string[] above = [.. Enumerable.Range(1, parts.Length - 1).Select(n => string.Join('/', parts[..n]))];
            if (files.Contains(path) || directories.Contains(path) || above.Any(files.Contains))
                continue;
            directories.UnionWith(above);
            files.Add(path);
            entries.Add(path + random.Next(6) switch { 0 => " -> " + Pick(random, Targets), 1 => "/", _ => "" });
        }
        // A directory may have been written as an entry of its own and then hold nothing else: that is all right.
        return [.. entries.Where(e => !e.EndsWith('/') || !files.Contains(e))];
    }

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];
}
