using System.Collections.Concurrent;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Text;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>What BuildKit refuses is refused here, and nothing else; where BuildKit names a line, it is the same one.</summary>
[Trait("Needs", "Engine")]
public sealed class AcceptanceConformanceTests(BuildKitOracle oracle) : IClassFixture<BuildKitOracle>
{
    /// <summary>Where a difference is right.</summary>
    private static readonly Dictionary<string, string> Explained = new(StringComparer.Ordinal)
    {
        ["FROM scratch\nHEALTHCHECK --interval=0s CMD x"] = "0 is the default since 1.5",
        ["FROM scratch\nHEALTHCHECK --retries=0 CMD x"] = "0 is the default since 1.5",
    };

    [Fact]
    public async Task A_Dockerfile_is_accepted_when_BuildKit_accepts_it_and_only_then()
    {
        string[] all = [.. AcceptanceCorpus.All.Distinct(StringComparer.Ordinal)];
        all.Length.ShouldBeGreaterThan(250);
        var differences = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (text, _) =>
        {
            if (await DifferenceAsync(text) is { } difference && !Explained.ContainsKey(text))
                differences.Add($"{(text.Length > 200 ? text[..200] : text).ReplaceLineEndings("⏎")}\n    {difference}");
        });
        differences.Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void What_newer_versions_of_the_language_accept_is_accepted()
    {
        foreach ((string text, string since) in AcceptanceCorpus.Newer)
            ProblemOf(text).ShouldBeNull($"{text} is accepted since {since}");
    }

    private async Task<string?> DifferenceAsync(string text)
    {
        OracleAnswer answer = await oracle.AskAsync(new OracleQuestion(("Dockerfile", text)));
        Diagnostic? own = ProblemOf(text);
        if (answer.Refused != own is not null)
            return $"BuildKit {(answer.Refused ? "refuses" : "accepts")} ({answer.Error ?? "built"}), devloop {(own is null ? "accepts" : $"refuses ({own.Message})")}";
        return answer.Line is { } line && own?.At?.Line is { } ownLine && line != ownLine ? $"BuildKit blames line {line} ({answer.Error}), devloop line {ownLine} ({own.Message})" : null;
    }

    private static Diagnostic? ProblemOf(string text)
    {
        Parsed<Dockerfile> file = DockerfileReader.Read(new SourceText("Dockerfile", text));
        return file.Diagnostics.Concat(file.HasErrors || file.Value is null ? [] : DockerfileResolver.Resolve(file.Value, new BuildVariables()).Diagnostics)
            .FirstOrDefault(d => d.Severity == Severity.Error);
    }
}
