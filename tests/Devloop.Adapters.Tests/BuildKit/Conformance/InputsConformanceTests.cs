using System.Collections.Concurrent;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>
/// The inputs that devloop finds are held against what BuildKit asks for when it is offered the whole context. The engine's own version
/// of the language counts; for what it does not know yet, what the documentation promises does.
/// <para>
/// BuildKit may ask for less where a case says why (<see cref="InputsCase.Besides"/>). Where links are about, it may ask for more or less:
/// when a wildcard meets a link, as in <c>COPY packages/*/package.json .</c> with a link among the packages, it asks for all that
/// <c>packages/*</c> matches, and then copies what the whole pattern matches; it follows an ignored link, and then does not find it; and it
/// does not follow a link that stands below a wildcard. In each of these the inputs are what the image is made of, neither more nor less
/// than an edit could show in it. The proof is a second build, which is offered the inputs alone and must end as the first one.
/// </para>
/// </summary>
[Trait("Needs", "Engine")]
public sealed class InputsConformanceTests(BuildKitOracle oracle) : IClassFixture<BuildKitOracle>
{
    [Fact]
    public async Task BuildKit_asks_for_the_inputs_of_every_case_written_by_hand() =>
        await HoldAgainstBuildKit([.. InputsCorpus.All], atLeast: 250);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task BuildKit_asks_for_the_inputs_of_generated_cases(int seed) =>
        await HoldAgainstBuildKit([.. GeneratedInputs.Cases(seed, 80)], atLeast: 80);

    private async Task HoldAgainstBuildKit(InputsCase[] cases, int atLeast)
    {
        cases.Length.ShouldBeGreaterThanOrEqualTo(atLeast);
        var differences = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (each, _) =>
        {
            if (await DifferenceAsync(each) is { } difference)
                differences.Add($"{each}\n    {difference}");
        });
        differences.Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    private async Task<string?> DifferenceAsync(InputsCase each)
    {
        using TemporaryDirectory files = each.WriteContext();
        (string[] own, Diagnostic? problem) = await each.OwnInputsAsync(files.Root);
        OracleAnswer answer = await oracle.AskAsync(each.Question(files.Snapshot()));
        if (answer.Refused)
        {
            if (each.Documented is { } documented)
                return Compare(documented, [.. own.Where(p => !p.EndsWith('/'))], problem);
            return problem is null ? $"BuildKit refuses: {answer.Error}; devloop takes {string.Join(' ', own)}" : null;
        }
        Asked? asked = answer.Context;
        if (Compare(asked?.Listed ?? [], own, problem) is not { } difference)
            return null;
        if (each.Besides is not null && problem is null && !(asked?.Listed ?? []).Except(own).Any())
            return null;
        bool hasLinks = asked is not null && problem is null && each.Tree.Any(e => e.Contains(" -> ", StringComparison.Ordinal));
        return hasLinks && await EndsTheSameAsync(each, files, own)
            ? null : $"{difference}; BuildKit followed [{string.Join(", ", asked?.FollowPaths ?? [])}] and said {answer.Error ?? "nothing"}";
    }

    private async Task<bool> EndsTheSameAsync(InputsCase each, TemporaryDirectory files, string[] inputs)
    {
        ContextSnapshot whole = files.Snapshot();
        ContextSnapshot alone = Snapshots.Of(whole.Root!, whole.Entries.Where(e => inputs.Contains(e.Kind == EntryKind.Directory ? e.Path + "/" : e.Path)));
        OracleAnswer first = await oracle.AskAsync(each.Question(whole) with { Exports = true });
        OracleAnswer second = await oracle.AskAsync(each.Question(alone) with { Exports = true });
        return first.Image == second.Image && first.Error is null == second.Error is null;
    }

    private static string? Compare(IEnumerable<string> asked, string[] own, Diagnostic? problem)
    {
        if (problem is not null)
            return $"devloop refuses: {problem.Message}";
        string[] missing = [.. asked.Except(own)], more = [.. own.Except(asked)];
        return missing.Length + more.Length == 0 ? null : $"devloop misses [{string.Join(", ", missing)}] and has besides [{string.Join(", ", more)}]";
    }
}
