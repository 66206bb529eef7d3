using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Session;

/// <summary>
/// The sections of a config that a run reads when it begins, for it dials builder, registry and cluster then. What else changes counts at once.
/// </summary>
internal static class FixedSections
{
    /// <summary>What to say when a config is loaded anew; null when nothing was changed that this run does not follow.</summary>
    /// <param name="running">What the run began with.</param>
    /// <param name="before">What was loaded last: the same change is told once.</param>
    public static Diagnostic? Warning(Project running, Project before, Project now)
    {
        string[] changed =
        [
            .. Of(now).Zip(Of(before), Of(running)).Where(s => !s.First.Says.Equals(s.Second.Says) && !s.First.Says.Equals(s.Third.Says)).Select(s => $"`{s.First.Name}`"),
        ];
        return changed.Length == 0 ? null : Diagnostic.Error(DiagnosticCode.CountsAfterRestart, $"the change of {string.Join(" and ", changed)} does not count yet") with
        {
            Severity = Severity.Warning,
            Help = "devloop reads this when it starts: a new `devloop up` has it",
        };
    }

    /// <summary>What each section says; where it stands in the file is of no matter.</summary>
    private static (string Name, object Says)[] Of(Project project) =>
    [
        ("builder", project.Builder is BuilderSettings.BuildKit b ? (b.Address, b.Tls?.Authorities?.Path, b.Tls?.Certificate?.Path, b.Tls?.Key?.Path, b.Tls?.ServerName) : project.Builder),
        ("registry", project.Registry ?? (object)""),
        ("cluster", (project.Cluster.Context, project.Cluster.Namespace, string.Join('\n', project.Cluster.AllowContexts))),
    ];
}
