using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session.Logs;

/// <summary>
/// Takes the values of secrets out of whatever is shown: those of the project's Secrets, plain and in base64, and those that builds may
/// read. Values of fewer than 4 signs stay: they stand in too many other words, and keep nothing secret.
/// </summary>
public sealed class SecretMask
{
    private const int ShortestValue = 4;

    private readonly ImmutableArray<(string Value, string Shown)> _values;

    private SecretMask(ImmutableArray<(string, string)> values) => _values = values;

    public static SecretMask None { get; } = new([]);

    /// <param name="environment">Where builds take secrets from.</param>
    public static SecretMask Of(ResolvedProject project, IFileTree files, IReadOnlyDictionary<string, string> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (KubernetesObject secret in project.Resources.SelectMany(r => r.Objects).Where(o => o is { Kind: "Secret", ApiVersion: "v1" }))
        {
            foreach ((string key, JsonNode? value) in secret.Json.Map("stringData") ?? [])
                Add(values, (value as JsonValue)?.ToString(), $"[secret {secret.Name}:{key}]");
            foreach ((string key, JsonNode? value) in secret.Json.Map("data") ?? [])
                Add(values, Decoded((value as JsonValue)?.ToString()), $"[secret {secret.Name}:{key}]");
        }
        foreach (BuildSecret secret in project.Images.SelectMany(i => i.Target.Secrets))
        {
            string? value = secret.Variable is { } variable ? environment.GetValueOrDefault(variable)
                : secret.File is { } file && files.Read(file) is FileContent.Text text ? text.Content : null;
            Add(values, value, $"[secret {secret.Id}]");
        }
        // The longest first: a value may be part of another one.
        return values.Count == 0 ? None : new SecretMask([.. values.Select(v => (v.Key, v.Value)).OrderByDescending(v => v.Key.Length).ThenBy(v => v.Key, StringComparer.Ordinal)]);
    }

    public string Apply(string text)
    {
        foreach ((string value, string shown) in _values)
            text = text.Replace(value, shown, StringComparison.Ordinal);
        return text;
    }

    public Diagnostic Apply(Diagnostic diagnostic) => _values.IsEmpty ? diagnostic : diagnostic with
    {
        Message = Apply(diagnostic.Message),
        Label = diagnostic.Label is { } label ? Apply(label) : null,
        Notes = [.. diagnostic.Notes.Select(Apply)],
    };

    public SideNews Apply(SideNews news) => _values.IsEmpty ? news : news switch
    {
        SideNews.Log log => log with { Line = Apply(log.Line) },
        SideNews.Build { Progress: BuildProgress.Output output } build => build with { Progress = output with { Line = Apply(output.Line) } },
        SideNews.Build { Progress: BuildProgress.StepFinished { Error: { } error } step } build => build with { Progress = step with { Error = Apply(error) } },
        SideNews.Warned warned => warned with { Warning = warned.Warning with { Message = Apply(warned.Warning.Message) } },
        SideNews.Notice notice => new SideNews.Notice(Apply(notice.Diagnostic)),
        _ => news,
    };

    /// <summary>What the world said, before the engine and everybody who looks at its state hear it.</summary>
    public EngineEvent Apply(EngineEvent happened) => _values.IsEmpty ? happened : happened switch
    {
        EngineEvent.BuildFinished { Outcome: BuildOutcome.Failed failed } e => e with { Outcome = failed with { Diagnostics = [.. failed.Diagnostics.Select(Apply)] } },
        EngineEvent.BuildFinished { Outcome: BuildOutcome.Lost lost } e => e with { Outcome = new BuildOutcome.Lost(Apply(lost.Why)) },
        EngineEvent.PushFinished { Failure: { } failure } e => e with { Failure = Apply(failure) },
        EngineEvent.DeployFinished { Outcome: DeployOutcome.Failed failed } e => e with { Outcome = failed with { Diagnostics = [.. failed.Diagnostics.Select(Apply)] } },
        EngineEvent.LocalRan { Outcome: LocalOutcome.Failed failed } e => e with { Outcome = new LocalOutcome.Failed([.. failed.Diagnostics.Select(Apply)]) },
        EngineEvent.ResourceObserved { Health: Health.Failed failed } e => e with
        {
            Health = failed with { Reason = Apply(failed.Reason), LastOutput = Apply(failed.LastOutput), Evidence = [.. failed.Evidence.Select(p => p with { LastOutput = Apply(p.LastOutput), Message = Apply(p.Message) })] },
        },
        _ => happened,
    };

    private static void Add(Dictionary<string, string> values, string? value, string shown)
    {
        if (value is null)
            return;
        // Logs are lines, so a value of several lines is seen line by line.
        foreach (string line in value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Append(value.Trim()))
        {
            if (line.Length < ShortestValue)
                continue;
            values.TryAdd(line, shown);
            values.TryAdd(Convert.ToBase64String(Encoding.UTF8.GetBytes(line)), shown);
        }
        if (value.Length >= ShortestValue)
            values.TryAdd(Convert.ToBase64String(Encoding.UTF8.GetBytes(value)), shown);
    }

    private static string? Decoded(string? base64)
    {
        if (base64 is null)
            return null;
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64.ReplaceLineEndings("").Trim(), bytes, out int length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
