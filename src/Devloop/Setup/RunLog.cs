using System.Globalization;
using Devloop.Adapters.Files;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Session;
using Serilog;
using Serilog.Core;

namespace Devloop.Cli.Setup;

/// <summary>
/// A rolling log of what runs did, for reports of problems: a week of days, 10 MB each at most. What builds and containers write is left
/// out, since it may hold secrets.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private const int Days = 7;
    private const long LargestFile = 10 << 20;

    private readonly Logger _log;

    private RunLog(Logger log) => _log = log;

    public static RunLog Open(RunMode mode)
    {
        string path = Path.Combine(UserCache.Directory(Environment.GetEnvironmentVariable), "logs", "devloop-.log");
        Logger log = new LoggerConfiguration()
            .WriteTo.File(path, rollingInterval: RollingInterval.Day, retainedFileCountLimit: Days, fileSizeLimitBytes: LargestFile, shared: true,
                formatProvider: CultureInfo.InvariantCulture, outputTemplate: "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} [{Process}] {Message:lj}{NewLine}")
            .Enrich.WithProperty("Process", Environment.ProcessId)
            .CreateLogger();
        log.Information("devloop {Version} begins: {Mode}", VersionText.Version, mode);
        return new RunLog(log);
    }

    /// <summary>The same face, with everything it is told written down too.</summary>
    public IFace Beside(IFace face) => new Listener(face, _log);

    public void Dispose() => _log.Dispose();

    private sealed class Listener(IFace face, Logger log) : IFace
    {
        public void Loaded(RunHeader header)
        {
            log.Information("loaded {File}: {Images} images, {Resources} resources, {Target}", header.ConfigFile, header.Images, header.Resources, header.Target ?? "nothing deployed");
            face.Loaded(header);
        }

        public void Tell(News news, EngineState state)
        {
            log.Information("{News}", NewsText.Of(news));
            face.Tell(news, state);
        }

        public void Tell(SideNews news)
        {
            if (news is SideNews.Notice notice)
                log.Warning("{Code} {Message}", notice.Diagnostic.Code, notice.Diagnostic.Message);
            else if (news is SideNews.Remark remark)
                log.Information("{Remark}", remark.Text);
            else if (news is SideNews.Recreating recreating)
                log.Information("recreating {Object}: {Why}", recreating.Object, recreating.Why);
            else if (news is SideNews.Removed removed)
                log.Information("{Object} of {Resource} left the config: {Outcome}", removed.Object, removed.Resource, removed.Outcome);
            face.Tell(news);
        }

        public void Ended(RunOutcome outcome, EngineState state, TimeSpan took)
        {
            log.Information("ended after {Seconds:0.0}s: {Outcome}", took.TotalSeconds, outcome);
            face.Ended(outcome, state, took);
        }
    }
}
