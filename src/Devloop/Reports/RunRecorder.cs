using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session;

namespace Devloop.Cli.Reports;

/// <summary>Listens to a run of once, and says at its end what it came to, however it ended.</summary>
public sealed class RunRecorder(TimeProvider clock, string root)
{
    private const int MostLines = 50;

    private readonly DateTimeOffset _began = clock.GetUtcNow();
    private readonly long _start = clock.GetTimestamp();
    private readonly ConcurrentDictionary<ImageName, TimeSpan> _built = [];
    private readonly ConcurrentDictionary<ResourceName, (string Outcome, TimeSpan Took, TimeSpan At)> _deployed = [];
    private readonly ConcurrentDictionary<ResourceName, TimeSpan> _ready = [];
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _lines = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Diagnostic> _problems = [];
    private StageTimes _stages = new();
    private (RunOutcome Outcome, EngineState State)? _end;

    private TimeSpan Now => clock.GetElapsedTime(_start);

    /// <summary>The same face, and everything it is told noted down.</summary>
    public IFace Beside(IFace face) => new Listener(face, this);

    /// <summary>Problems that were shown beside the run, or kept it from beginning.</summary>
    public void Shown(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (Diagnostic diagnostic in diagnostics)
            _problems.Enqueue(diagnostic);
    }

    /// <param name="exitCode">What the command ends with.</param>
    public RunReportDocument Document(int exitCode)
    {
        var document = new RunReportDocument { Root = root, Outcome = OutcomeWords.Of(exitCode), ExitCode = exitCode, Began = _began, Took = Now, Stages = _stages, Problems = [.. _problems] };
        if (_end is not var (outcome, state))
            return document;
        return document with
        {
            Project = state.Project.Config.Name,
            Images = [.. state.Project.Graph.BottomUp.Select(i => Image(state, i))],
            Resources = [.. state.Project.Resources.Where(r => state.Resources.ContainsKey(r.Name)).Select(r => Resource(state, r.Name, outcome))],
        };
    }

    private ReportedImage Image(EngineState state, ImageName name)
    {
        ImageState image = state.Images[name];
        bool failed = image.Failure is not null, good = image is { Result: not null, Failure: null, Settled: true };
        return new ReportedImage(name,
            failed ? "failed" : good ? image.Result!.Kind.ToString().ToLowerInvariant() : "not_built",
            _built.GetValueOrDefault(name),
            failed || good ? null : Holds.Of(state, name)?.Text ?? "the run ended before",
            image.Failure?.Diagnostics ?? [],
            failed ? Lines("image " + name) : [])
        {
            Reference = good ? BuildCommand.ReferenceOf(state.Project.Image(name).Target, image.Result!, state.Options) : null,
            Result = good ? image.Result : null,
        };
    }

    private ReportedResource Resource(EngineState state, ResourceName name, RunOutcome outcome)
    {
        ResourceState resource = state.Resources[name];
        bool failed = !resource.Failure.IsEmpty, deployed = resource.Deployed is not null;
        (string word, TimeSpan took, TimeSpan at) = _deployed.GetValueOrDefault(name, (failed ? "failed" : deployed ? "applied" : "not_deployed", TimeSpan.Zero, TimeSpan.Zero));
        bool good = resource.Health.IsGood();
        ImmutableArray<string> lines = good || !deployed ? [] : Lines("resource " + name);
        ImmutableArray<Diagnostic> health = !deployed || failed || good ? []
            : state.TimedOut ? [RunReport.NotReadyInTime(name, resource, Now)]
            : resource.Health is Health.Failed broken && outcome == RunOutcome.NotHealthy ? [RunReport.NotHealthy(name, broken)]
            : [];
        return new ReportedResource(name, failed ? "failed" : word, took,
            failed || deployed ? null : Holds.OfDeploy(state, state.Project.Resources.First(r => r.Name == name))?.Text ?? "the run ended before",
            resource.Failure, resource.Health.StatusWord(), resource.Health.Describe(),
            _ready.TryGetValue(name, out TimeSpan ready) ? ready - at : null,
            health, resource.Health is Health.Failed evidence ? evidence.EvidenceLines() : [], lines);
    }

    private ImmutableArray<string> Lines(string source) => _lines.TryGetValue(source, out ConcurrentQueue<string>? lines) ? [.. lines] : [];

    private void Wrote(string source, string line)
    {
        ConcurrentQueue<string> lines = _lines.GetOrAdd(source, _ => []);
        lines.Enqueue(line);
        while (lines.Count > MostLines)
            lines.TryDequeue(out _);
    }

    private void Note(News news)
    {
        switch (news)
        {
            case News.BuildSucceeded n:
                _built[n.Image] = n.Took;
                break;
            case News.BuildFailed n:
                _built[n.Image] = n.Took;
                break;
            case News.DeployFinished n:
                _deployed[n.Resource] = (n.Changes.All(c => c.Kind == ChangeKind.Unchanged) ? "unchanged" : "applied", n.Took, Now);
                break;
            case News.DeployFailed n:
                _deployed[n.Resource] = ("failed", n.Took, Now);
                break;
            case News.Status { Now: Health.Ready or Health.Completed } n:
                _ready.TryAdd(n.Resource, Now);
                break;
            case News.Quiet n:
                _stages = n.Round.Stages;
                break;
        }
    }

    private void Note(SideNews news)
    {
        switch (news)
        {
            case SideNews.Log n:
                Wrote("resource " + n.Resource, n.Line);
                break;
            case SideNews.Build { Progress: BuildProgress.Output output } n:
                Wrote("image " + n.Image, output.Line);
                break;
            case SideNews.Notice n:
                _problems.Enqueue(n.Diagnostic);
                break;
        }
    }

    private sealed class Listener(IFace face, RunRecorder recorder) : IFace
    {
        public void Loaded(RunHeader header)
        {
            recorder.Shown(header.Warnings);
            face.Loaded(header);
        }

        public void Tell(News news, EngineState state)
        {
            recorder.Note(news);
            face.Tell(news, state);
        }

        public void Tell(SideNews news)
        {
            recorder.Note(news);
            face.Tell(news);
        }

        public void Ended(RunOutcome outcome, EngineState state, TimeSpan took)
        {
            recorder._end = (outcome, state);
            face.Ended(outcome, state, took);
        }
    }
}
