using System.Globalization;
using Devloop.Adapters.Files.Runs;
using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Session;
using Devloop.Web;

namespace Devloop.Cli.Setup;

/// <summary>
/// The outside of an `up`: its server, the record by which other commands find it, and what it remembers of the logs for them. Owned by the
/// run, which ends it.
/// </summary>
internal sealed class UpControl : IAsyncDisposable
{
    private readonly RunRecords _records = RunRecords.OfUser(Environment.GetEnvironmentVariable);
    private readonly RunControl _control = new(new LogStore(TimeProvider.System));
    private DashboardServer? _server;
    private RunRecord? _record;

    /// <summary>Who stopped the run wants what was deployed deleted.</summary>
    public bool DownAsked => _control.DownAsked;

    /// <summary>Another process that runs the same config in the same place, told as a problem; null when there is none.</summary>
    public Diagnostic? Other(Settings settings, ClusterSetup? cluster) =>
        _records.Find(RunRecords.NameOf(settings.File), cluster?.Probe.Context, cluster?.DefaultNamespace) is { } other && other.Pid != Environment.ProcessId ? RunsAlready(other) : null;

    /// <summary>Starts to listen, and says so where others look; gives the problem when another run was sooner.</summary>
    /// <param name="port">Where the dashboard is to be; null is no dashboard.</param>
    public async Task<Diagnostic?> OpenAsync(Settings settings, int? port, ClusterSetup? cluster, EngineState initial, CancellationToken cancellationToken)
    {
        _server = await Dashboard.StartAsync(settings, port, cluster, initial, _control, cancellationToken).ConfigureAwait(false);
        bool hasPage = port is not null && _server is not null;
        // Without its port there is no page, but other commands need no certain one.
        _server ??= await Dashboard.StartAsync(settings, null, cluster, initial, _control, cancellationToken).ConfigureAwait(false);
        if (_server is null)
            return null;
        var record = RunRecord.OfThisProcess(RunRecords.NameOf(settings.File), cluster?.Probe.Context, cluster?.DefaultNamespace, _server.Port, _server.Token, hasPage, TimeProvider.System.GetUtcNow());
        try
        {
            if (_records.Claim(record) is { } other)
                return RunsAlready(other);
            _record = record;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            settings.Consoles.Status("Warning", "the cache directory cannot be written, so `devloop status` and its like do not find this run", StatusTone.Warn);
        }
        if (hasPage)
            settings.Consoles.Status("Dashboard", _server.Address.ToString());
        return null;
    }

    /// <summary>What the run is told and tells goes on from here.</summary>
    public void Attach(RunSession session) => _control.Attach(session.Tell);

    public void Show(EngineState state) => _server?.Show(state);

    /// <summary>The same face, with what builds and containers write kept for `devloop logs`.</summary>
    public IFace Beside(IFace face) => new Listener(face, _control.Logs);

    public async ValueTask DisposeAsync()
    {
        if (_record is { } record)
            _records.Release(record);
        _control.Logs.End();
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
    }

    private static Diagnostic RunsAlready(RunRecord other) =>
        Diagnostic.Error(DiagnosticCode.RunsAlready, "`devloop up` runs for this project already") with
        {
            Label = string.Create(CultureInfo.InvariantCulture, $"process {other.Pid}, since {other.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss}{(other.HasPage ? $", dashboard at {other.Address}" : "")}"),
            Help = "`devloop status` shows how it stands, `devloop stop` ends it; another `-n NAMESPACE` or `--kube-context CONTEXT` runs beside it",
        };

    private sealed class Listener(IFace face, LogStore logs) : IFace
    {
        public void Loaded(RunHeader header) => face.Loaded(header);

        public void Tell(News news, EngineState state) => face.Tell(news, state);

        public void Tell(SideNews news)
        {
            switch (news)
            {
                case SideNews.Log log:
                    logs.AddContainer(log.Resource, log.Pod, log.Container, log.Line);
                    break;
                case SideNews.Build { Progress: BuildProgress.Output output } build:
                    logs.AddBuild(build.Image, output.Line);
                    break;
                case SideNews.Build { Progress: BuildProgress.StepFinished step } build:
                    logs.AddBuild(build.Image, $"{step.Step} {(step.Error is not null ? "failed" : step.Cached ? "cached" : DurationText.Of(step.Took))}");
                    break;
            }
            face.Tell(news);
        }

        public void Ended(RunOutcome outcome, EngineState state, TimeSpan took) => face.Ended(outcome, state, took);
    }
}
