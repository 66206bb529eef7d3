using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Text;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>Words that BuildKit expanded, read back from the images that it built, against the words that devloop expands.</summary>
[Trait("Needs", "Engine")]
public sealed class ExpansionConformanceTests(BuildKitOracle oracle) : IClassFixture<BuildKitOracle>
{
    private static readonly string[] Names = ["A", "B", "C", "E", "NONE", "TARGETARCH", "TARGETPLATFORM", "HTTP_PROXY"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Labels_and_variables_of_generated_Dockerfiles_have_the_values_that_BuildKit_gives_them(int seed)
    {
        var random = new Random(seed);
        string[] texts = [.. Enumerable.Range(0, 60).Select(_ => Generated(random))];
        var differences = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (text, _) =>
        {
            if (await DifferenceAsync(text) is { } difference)
                differences.Add($"{text.ReplaceLineEndings("⏎")}\n    {difference}");
        });
        differences.Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    private async Task<string?> DifferenceAsync(string text)
    {
        OracleAnswer answer = await oracle.AskAsync(new OracleQuestion(("Dockerfile", text)) { Exports = true, Attributes = new Dictionary<string, string> { ["build-arg:C"] = "given $A", ["platform"] = "linux/amd64" } });
        Parsed<Dockerfile> file = DockerfileReader.Read(new SourceText("Dockerfile", text));
        Parsed<ResolvedDockerfile>? resolved = file.HasErrors || file.Value is null ? null
            : DockerfileResolver.Resolve(file.Value, new BuildVariables { Args = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("C", "given $A") });
        Diagnostic? problem = file.Diagnostics.Concat(resolved?.Diagnostics ?? []).FirstOrDefault();
        // BuildKit 0.8 passes over a default before the first FROM that it cannot expand; later ones refuse it.
        if (answer.Image is not null && problem?.At is { } at && at.Line < text.Split('\n').TakeWhile(l => !l.StartsWith("FROM", StringComparison.Ordinal)).Count() + 1)
            return null;
        if (answer.Image is null || problem is not null)
            return answer.Refused == problem is not null ? null : $"BuildKit: {answer.Error ?? "built"}; devloop: {problem?.Message ?? "accepted"}";
        JsonNode config = (await InspectAsync(answer.Image))["Config"]!;
        SortedDictionary<string, string> own = new(StringComparer.Ordinal), theirs = new(StringComparer.Ordinal);
        foreach (ResolvedInstruction instruction in resolved!.Value!.Stages.SelectMany(s => s.Instructions))
        {
            foreach (NamedValue pair in instruction.Instruction.Name is "ENV" or "LABEL" ? instruction.Pairs : [])
                own[$"{instruction.Instruction.Name} {pair.Name}"] = pair.Value!;
            if (instruction.Instruction.Name is "USER" or "STOPSIGNAL")
                own[instruction.Instruction.Name] = instruction.Words[0];
        }
        foreach ((string name, JsonNode? value) in config["Labels"] as JsonObject ?? [])
            theirs["LABEL " + name] = value!.GetValue<string>();
        foreach (string variable in (config["Env"] as JsonArray ?? []).Select(e => e!.GetValue<string>()).Where(e => !e.StartsWith("PATH=", StringComparison.Ordinal)))
            theirs["ENV " + variable[..variable.IndexOf('=', StringComparison.Ordinal)]] = variable[(variable.IndexOf('=', StringComparison.Ordinal) + 1)..];
        if (config["User"]?.GetValue<string>() is { Length: > 0 } user)
            theirs["USER"] = user;
        own.Remove("USER", out string? ownUser);
        if (!string.IsNullOrEmpty(ownUser))
            own["USER"] = ownUser;
        string[] different = [.. own.Keys.Union(theirs.Keys).Where(k => own.GetValueOrDefault(k) != theirs.GetValueOrDefault(k)).Select(k => $"{k}: BuildKit [{theirs.GetValueOrDefault(k)}], devloop [{own.GetValueOrDefault(k)}]")];
        return different.Length == 0 ? null : string.Join("; ", different);
    }

    private static string Generated(Random random)
    {
        var text = new StringBuilder();
        if (random.Next(6) == 0)
            text.Append("# escape=`\n");
        for (int i = random.Next(3); i > 0; i--)
            text.Append($"ARG {Pick(random, "A", "B", "C", "E")}{Pick(random, "", "=" + Word(random, 1))}\n");
        text.Append("FROM scratch AS first\n");
        for (int i = random.Next(3); i > 0; i--)
            text.Append(Setting(random));
        if (random.Next(3) == 0)
            text.Append("FROM first\n");
        for (int i = random.Next(1, 6); i > 0; i--)
            text.Append(Setting(random));
        for (int i = 0; i < 4; i++)
            text.Append($"LABEL l{i}={Word(random, 2)}\n");
        return text.Append(random.Next(3) == 0 ? $"USER {Word(random, 1)}\n" : "").ToString();
    }

    private static string Setting(Random random) => random.Next(4) switch
    {
        0 => $"ARG {Pick(random, Names)}{Pick(random, "", "=" + Word(random, 2))}\n",
        1 => $"ENV {Pick(random, "A", "B", "E")} {Word(random, 2)}\n",
        2 => $"ENV {Pick(random, "A", "B", "E")}={Word(random, 2)} {Pick(random, "F", "G")}={Word(random, 2)}\n",
        _ => $"ENV E=\"{Pick(random, "", "x", "$A", "${B:-y}")}\"\n",
    };

    private static string Word(Random random, int depth)
    {
        var word = new StringBuilder();
        for (int i = random.Next(1, 4); i > 0; i--)
            word.Append(Piece(random, depth));
        return word.ToString();
    }

    private static string Piece(Random random, int depth)
    {
        string name = Pick(random, Names);
        return random.Next(depth > 0 ? 12 : 6) switch
        {
            0 => "x", 1 => "$" + name, 2 => "${" + name + "}", 3 => Pick(random, "-", ".", "/", "é", "1", "_"), 4 => Pick(random, "\\$A", "\\\\", "\\\"", "\\'", "`$A", "\\x"), 5 => Pick(random, "'$A b'", "''", "\"\"", "'\"'", "\"'\""),
            6 => "${" + name + ":-" + Word(random, depth - 1) + "}", 7 => "${" + name + ":+" + Word(random, depth - 1) + "}",
            8 => "\"" + Pick(random, "$A", "a b", "${B}", "\\$A", "\\\\", "\\\"", "\\n", "'") + "\"",
            9 => "${" + name + Pick(random, ":-", ":+") + "\"" + Pick(random, "}", "a b", "$C") + "\"}",
            10 => Pick(random, "$", "$1", "$@", "${1}", "$$", "$-"), _ => Pick(random, "}", "{", ":", "#", "%", "="),
        };
    }

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];

    private static async Task<JsonNode> InspectAsync(string image)
    {
        EngineDialer dialer = TestEngine.Dialer();
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, token) => await dialer.DialAsync(token) });
        return JsonNode.Parse(await client.GetStringAsync(new Uri($"http://docker/images/{image}/json")))!;
    }
}
