using System.Globalization;
using Devloop.Engine;

namespace Devloop.Cli.Terminal;

/// <summary>The steps of a finished build in a few words.</summary>
public static class StepsText
{
    /// <summary>
    /// Such as <c>  5 steps, 3 cached</c>. Empty when nothing but bases was cached, as at every first build: that would be noise.
    /// </summary>
    public static string Cached(BuildSteps steps) => steps.All.Any(s => s.Name is { Number: not null, IsBase: false } && s.Outcome == StepOutcome.Cached)
        ? string.Create(CultureInfo.InvariantCulture, $"  {Count.Of(steps.Count, "step")}, {steps.Cached} cached")
        : "";

    /// <summary>Such as <c>step 2/5</c>; empty when no line of the Dockerfile failed.</summary>
    public static string FailedAt(BuildSteps steps) => steps.Failed?.Name is { Number: { } number } name
        ? string.Create(CultureInfo.InvariantCulture, $"step {number}/{name.Of}{(name.Stage is null ? "" : " of " + name.Stage)}")
        : "";
}
