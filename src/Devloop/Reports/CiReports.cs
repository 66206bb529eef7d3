using System.Collections.Immutable;
using Devloop.Cli.Commands;
using Devloop.Cli.Setup;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Ports;

namespace Devloop.Cli.Reports;

/// <summary>The files that `ci` leaves, and what it tells the CI it runs in.</summary>
internal sealed class CiReports(Settings settings, ImmutableArray<ReportFile> files, string? artifacts, Func<string, string?> environment)
{
    public RunRecorder Recorder { get; } = new(TimeProvider.System, Path.GetDirectoryName(Path.GetFullPath(settings.File)) ?? "/");

    /// <summary>Nobody wants to learn at the end of a long run that its report has no place. A list of an earlier run goes: it is not of this one.</summary>
    public ImmutableArray<Diagnostic> Check()
    {
        ImmutableArray<Diagnostic> troubles = [.. files.Select(f => f.Path).Concat(artifacts is null ? [] : [artifacts]).Select(ReportFile.Trouble).OfType<Diagnostic>()];
        if (troubles.IsEmpty && artifacts is not null)
            File.Delete(artifacts);
        return troubles;
    }

    /// <summary>Lists the images of a run that built them all; gives the problem when it cannot.</summary>
    public async Task<Diagnostic?> ListAsync(EngineState state, IRegistry registry, CancellationToken cancellationToken)
    {
        if (artifacts is null || !state.Images.Values.All(i => i is { Result: not null, Failure: null, Settled: true }))
            return null;
        try
        {
            return ReportFile.Write(artifacts, await ArtifactList.OfAsync(state, registry, cancellationToken).ConfigureAwait(false));
        }
        catch (RegistryException e)
        {
            return e.Diagnostic;
        }
    }

    /// <summary>Writes everything, whatever the run came to; gives the exit code.</summary>
    public int Write(int exitCode)
    {
        RunReportDocument document = Recorder.Document(exitCode);
        ImmutableArray<Diagnostic> troubles = [.. files.Select(f => ReportFile.Write(f.Path, f.TextOf(document))).OfType<Diagnostic>()];
        if (environment("GITHUB_ACTIONS") == "true")
            TellGitHub(document);
        if (troubles.IsEmpty)
            return exitCode;
        Report.Show(settings, troubles);
        return exitCode == ExitCode.Success ? ExitCode.Environment : exitCode;
    }

    private void TellGitHub(RunReportDocument document)
    {
        string workspace = environment("GITHUB_WORKSPACE") is { Length: > 0 } set ? set : Environment.CurrentDirectory;
        // The runner reads both streams for commands; stdout may hold JSON for somebody else.
        settings.Consoles.Write(settings.Consoles.Error, GitHubText.Annotations(document, workspace));
        if (environment("GITHUB_STEP_SUMMARY") is not { Length: > 0 } summary)
            return;
        try
        {
            File.AppendAllText(summary, GitHubText.Summary(document));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A summary is an extra; the run's own result counts.
        }
    }
}
