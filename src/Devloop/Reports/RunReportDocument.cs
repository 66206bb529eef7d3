using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;

namespace Devloop.Cli.Reports;

/// <summary>What a run of once came to, for files that others read.</summary>
public sealed record RunReportDocument
{
    /// <summary>The project's name; empty when the config could not be read.</summary>
    public string Project { get; init; } = "";

    /// <summary>The absolute directory of the config, to which places of diagnostics are relative.</summary>
    public required string Root { get; init; }

    /// <summary>As the event `summary` has it.</summary>
    public required string Outcome { get; init; }

    public required int ExitCode { get; init; }

    public required DateTimeOffset Began { get; init; }

    public required TimeSpan Took { get; init; }

    /// <summary>Of the round that was told last.</summary>
    public StageTimes Stages { get; init; } = new();

    /// <summary>Bottom-up.</summary>
    public ImmutableArray<ReportedImage> Images { get; init; } = [];

    public ImmutableArray<ReportedResource> Resources { get; init; } = [];

    /// <summary>What is of no image and no resource: the config, the environment, warnings.</summary>
    public ImmutableArray<Diagnostic> Problems { get; init; } = [];

    public IEnumerable<Diagnostic> AllDiagnostics => Problems.Concat(Images.SelectMany(i => i.Diagnostics)).Concat(Resources.SelectMany(r => r.DeployDiagnostics.Concat(r.HealthDiagnostics)));
}

/// <param name="Outcome">built, reused, pulled, failed or not_built.</param>
/// <param name="Why">Why it was not built; null when it was.</param>
/// <param name="Lines">What a build that failed wrote last.</param>
public sealed record ReportedImage(ImageName Image, string Outcome, TimeSpan Took, string? Why, ImmutableArray<Diagnostic> Diagnostics, ImmutableArray<string> Lines)
{
    public ImageReference? Reference { get; init; }

    public ImageResult? Result { get; init; }
}

/// <param name="Outcome">applied, unchanged, failed or not_deployed.</param>
/// <param name="Why">Why it was not deployed; null when it was.</param>
/// <param name="Status">As the event `resource_status` has it.</param>
/// <param name="ReadyAfter">From its deploy; null when it was never ready.</param>
/// <param name="Lines">What the containers of a resource that is not healthy wrote last.</param>
public sealed record ReportedResource(ResourceName Resource, string Outcome, TimeSpan Took, string? Why, ImmutableArray<Diagnostic> DeployDiagnostics,
    string Status, string Text, TimeSpan? ReadyAfter, ImmutableArray<Diagnostic> HealthDiagnostics, ImmutableArray<string> Evidence, ImmutableArray<string> Lines);
