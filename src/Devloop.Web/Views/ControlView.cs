using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Devloop.Web.Views;

/// <summary>What a request to change a run holds.</summary>
internal sealed record ControlRequest
{
    public IReadOnlyList<string?>? Names { get; init; }

    [JsonIgnore]
    public ImmutableArray<string> AllNames => [.. (Names ?? []).OfType<string>()];

    /// <summary>Of `trigger`: run every step.</summary>
    public bool NoCache { get; init; }

    /// <summary>Of `stop`: delete what was deployed.</summary>
    public bool Down { get; init; }
}

/// <summary>What such a request led to.</summary>
/// <param name="Images">Those that it was about.</param>
/// <param name="Diagnostics">Why nothing, or not all, was done.</param>
public sealed record ControlView(ImmutableArray<string> Images, ImmutableArray<string> Resources, ImmutableArray<DiagnosticView> Diagnostics);

/// <summary>A line of a log, with the fields of the event `log` of a run.</summary>
internal sealed record LogView(string Time, string Type, string? Image, string? Resource, string? Pod, string? Container, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlView))]
internal sealed partial class ControlJson : JsonSerializerContext;

[JsonSerializable(typeof(LogView))]
internal sealed partial class LogJson : JsonSerializerContext
{
    /// <summary>Text of any language stays readable: it goes into lines of JSON and nowhere else.</summary>
    public static LogJson Lines { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
