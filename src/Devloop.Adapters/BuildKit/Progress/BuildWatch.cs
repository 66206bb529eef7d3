using Devloop.Adapters.BuildKit.Session;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.BuildKit.Progress;

/// <summary>
/// Turns the status of one solve into <see cref="BuildProgress"/>, and remembers what an error report needs. BuildKit tells the
/// same vertex again and again; here each step starts once and ends once. Vertices named <c>[internal]</c> are BuildKit's own
/// affairs and are told only when they fail. A base is looked up and then pulled under one vertex, which starts and completes each time:
/// it counts as done when a step on it starts. Used by one task at a time.
/// </summary>
internal sealed class BuildWatch(IProgress<BuildProgress> progress, Redaction redaction)
{
    private const int LinesKept = 20;

    private readonly Dictionary<string, Step> _steps = new(StringComparer.Ordinal);

    /// <summary>The first step that failed by its own fault; null when none did.</summary>
    public FailedStep? Failed { get; private set; }

    public void Take(StatusResponse status)
    {
        foreach (Vertex vertex in status.Vertexes)
            Take(vertex);
        foreach (VertexLog log in status.Logs)
            Take(log);
        foreach (VertexStatus transfer in status.Statuses)
        {
            if (StepOf(transfer.Vertex) is { IsInternal: false })
                progress.Report(new BuildProgress.Transfer(transfer.Vertex, transfer.Id, transfer.Current, transfer.Total, transfer.Completed is not null));
        }
        foreach (VertexWarning warning in status.Warnings)
            progress.Report(new BuildProgress.Warning(warning.Short.ToStringUtf8(), warning.Ranges.Count > 0 ? warning.Ranges[0].Start?.Line : null));
    }

    /// <summary>Gives out unfinished lines; to be called once, when no more status comes.</summary>
    public void Complete()
    {
        foreach (Step step in _steps.Values)
        {
            End(step);
            Flush(step);
        }
    }

    private void Take(Vertex vertex)
    {
        Step step = StepOf(vertex.Digest);
        step.Name = vertex.Name;
        string error = redaction.Apply(vertex.Error);
        bool cancelled = IsCancelled(error), failed = error.Length > 0 && !cancelled;
        if (vertex.Started is not null && !step.Started && (!step.IsInternal || failed))
        {
            foreach (string input in vertex.Inputs)
            {
                if (_steps.TryGetValue(input, out Step? below))
                    End(below);
            }
            step.Started = true;
            progress.Report(new BuildProgress.StepStarted(vertex.Digest, vertex.Name));
        }
        if (vertex.Completed is null || step.Finished || !step.Started)
            return;
        if (cancelled)
        {
            // It neither succeeded nor failed, so it has no end to tell of.
            step.Finished = true;
            Flush(step);
            return;
        }
        if (vertex.Started is not null)
            step.Times[vertex.Started.ToDateTime()] = vertex.Completed.ToDateTime() - vertex.Started.ToDateTime();
        TimeSpan took = step.Times.Values.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
        step.End = new BuildProgress.StepFinished(vertex.Digest, vertex.Name, took, vertex.Cached, failed ? error : null);
        if (failed || !StepName.Read(vertex.Name).IsBase)
            End(step);
        if (failed)
            Failed ??= new FailedStep(vertex.Name, error, step.LastLines);
    }

    /// <summary>Tells the end of a step that completed, once.</summary>
    private void End(Step step)
    {
        if (step.Finished || step.End is not { } end)
            return;
        step.Finished = true;
        Flush(step);
        progress.Report(end);
    }

    private void Take(VertexLog log)
    {
        Step step = StepOf(log.Vertex);
        bool isError = log.Stream == 2;
        foreach (string line in (isError ? step.Errors : step.Output).Add(log.Msg.Span))
            Report(step, line, isError);
    }

    private void Flush(Step step)
    {
        if (step.Output.Rest() is { } output)
            Report(step, output, isError: false);
        if (step.Errors.Rest() is { } error)
            Report(step, error, isError: true);
    }

    private void Report(Step step, string line, bool isError)
    {
        line = redaction.Apply(line);
        step.LastLines.Enqueue(line);
        if (step.LastLines.Count > LinesKept)
            step.LastLines.Dequeue();
        if (!step.IsInternal || step.Started)
            progress.Report(new BuildProgress.Output(step.Id, line, isError));
    }

    private Step StepOf(string id)
    {
        if (!_steps.TryGetValue(id, out Step? step))
            _steps[id] = step = new Step(id);
        return step;
    }

    /// <summary>The steps beside a failing one end with Go's text for a cancelled context.</summary>
    private static bool IsCancelled(string error) => error.EndsWith("context canceled", StringComparison.Ordinal);

    private sealed class Step(string id)
    {
        public string Id { get; } = id;

        public string Name { get; set; } = "";

        public bool IsInternal => Name.StartsWith("[internal]", StringComparison.Ordinal);

        public bool Started { get; set; }

        /// <summary>How long it ran each time, by when it began.</summary>
        public Dictionary<DateTime, TimeSpan> Times { get; } = [];

        /// <summary>As it completed last.</summary>
        public BuildProgress.StepFinished? End { get; set; }

        public bool Finished { get; set; }

        public LineBuffer Output { get; } = new();

        public LineBuffer Errors { get; } = new();

        public Queue<string> LastLines { get; } = new();
    }
}

/// <param name="Name">Such as <c>[2/5] RUN make</c>.</param>
/// <param name="Error">BuildKit's text.</param>
/// <param name="LastLines">At most 20, the oldest first. The queue of the step itself: lines that come late are in it.</param>
internal sealed record FailedStep(string Name, string Error, IReadOnlyCollection<string> LastLines);
