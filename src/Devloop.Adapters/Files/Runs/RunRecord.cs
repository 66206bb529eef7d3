using System.Globalization;
using System.Text.Json.Serialization;

namespace Devloop.Adapters.Files.Runs;

/// <summary>A running `up`, and how to talk to it. Whoever may read it may do with the run what its user may.</summary>
/// <param name="Config">The absolute path of the config, without links.</param>
/// <param name="Context">Of the cluster; null when nothing is deployed.</param>
/// <param name="Started">What tells the process from a later one of the same number.</param>
/// <param name="Port">On 127.0.0.1.</param>
/// <param name="HasPage">It shows the dashboard there.</param>
public sealed record RunRecord(string Config, string? Context, string? Namespace, int Pid, string Started, DateTimeOffset Since, int Port, string Token, bool HasPage)
{
    /// <summary>This process, as of now.</summary>
    public static RunRecord OfThisProcess(string config, string? context, string? @namespace, int port, string token, bool hasPage, DateTimeOffset now) =>
        new(config, context, @namespace, Environment.ProcessId, ProcessMark.Of(Environment.ProcessId) ?? "", now, port, token, hasPage);

    /// <summary>The process that wrote it still runs.</summary>
    [JsonIgnore]
    public bool IsAlive => Started is { Length: > 0 } && ProcessMark.Of(Pid) == Started;

    [JsonIgnore]
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/"));

    /// <summary>Leaves out the token: a record may end up in a message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {Pid} of {Config}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunJson : JsonSerializerContext;
