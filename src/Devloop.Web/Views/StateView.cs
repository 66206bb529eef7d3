using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Devloop.Web.Views;

/// <summary>The dashboard's picture of a run, as `/api/state` gives it. Fields are added, never renamed.</summary>
/// <param name="Target">Such as <c>cluster kind-dev</c>.</param>
/// <param name="Images">Bottom-up: bases before what is built on them.</param>
/// <param name="Problems">What is wrong with the config as it is on disk.</param>
public sealed record StateView(string Project, string Target, ImmutableArray<ImageView> Images, ImmutableArray<ResourceView> Resources, ImmutableArray<DiagnosticView> Problems)
{
    /// <summary>Nothing new is started until the user lets it go on.</summary>
    public bool Paused { get; init; }
}

/// <param name="State">waiting, checking, queued, building, pushing, pulling, failed, built or reused.</param>
/// <param name="Tag">The content tag of the last good build.</param>
/// <param name="Hold">Why it waits; null when it does not.</param>
/// <param name="Reasons">Why it is looked at, or was built.</param>
/// <param name="Steps">Of the build that runs, else of the last one; empty when nothing was built.</param>
public sealed record ImageView(string Image, string State, string? Tag, string? Digest, string? Key, ImmutableArray<string> Bases, string? Hold,
    ImmutableArray<ReasonView> Reasons, ImmutableArray<DiagnosticView> Diagnostics, ImmutableArray<StepView> Steps);

/// <param name="Step">Such as <c>RUN make</c>.</param>
/// <param name="Stage">Null where a Dockerfile has one stage only.</param>
/// <param name="Number">Of its stage, from 1; null when it is not a line of a Dockerfile.</param>
/// <param name="Outcome">running, built, cached, failed or stopped.</param>
/// <param name="Seconds">How long it took; null while it runs.</param>
/// <param name="Percent">Of its transfers; null when it has none whose size is known.</param>
public sealed record StepView(string Step, string? Stage, int? Number, int? Of, string Outcome, double? Seconds, int? Percent);

/// <param name="Path">Relative to the config.</param>
/// <param name="Line">Of the Dockerfile that reads the path.</param>
public sealed record ReasonView(string? Path, int? Line, string Text);

/// <param name="Status">deploying, updating, pending, progressing, ready, completed, failed, disabled, or removing while what was there is deleted.</param>
/// <param name="Urls">Where its ports are forwarded to on this machine.</param>
public sealed record ResourceView(string Resource, string Status, string Text, ImmutableArray<string> Images, ImmutableArray<string> DependsOn,
    ImmutableArray<string> Labels, ImmutableArray<string> Urls, ImmutableArray<string> Links, string? Hold, ImmutableArray<DiagnosticView> Diagnostics)
{
    /// <summary>The user did not switch it off.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>auto, or manual: changes wait until they are asked for.</summary>
    public string Trigger { get; init; } = "auto";
}

public sealed record DiagnosticView(string Code, string Severity, string Message, string? File, int? Line, int? Column, string? Label, ImmutableArray<string> Notes, string? Help);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StateView))]
internal sealed partial class ViewJson : JsonSerializerContext;
