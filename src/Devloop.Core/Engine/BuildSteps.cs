using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Engine;

/// <summary>The steps of one build, folded from what the builder says of it. Pure: the time comes from who listens.</summary>
public sealed record BuildSteps
{
    public static BuildSteps None { get; } = new();

    /// <summary>In the order in which they began.</summary>
    public ImmutableArray<BuildStep> All { get; init; } = [];

    /// <summary>What was sent of the context; null while nothing was asked for.</summary>
    public BuildProgress.Upload? Upload { get; init; }

    /// <summary>Lines of a Dockerfile, so without the export and the like.</summary>
    public int Count => All.Count(s => s.Name.Number is not null);

    public int Cached => All.Count(s => s.Name.Number is not null && s.Outcome == StepOutcome.Cached);

    /// <summary>The last to begin of those that run: with stages side by side several do.</summary>
    public BuildStep? Running => All.LastOrDefault(s => s.Outcome == StepOutcome.Running);

    public BuildStep? Failed => All.FirstOrDefault(s => s.Outcome == StepOutcome.Failed);

    /// <summary>The context while it is sent and nothing else goes on: bases are only looked up meanwhile.</summary>
    public BuildProgress.Upload? Sending => Upload is { Done: false } && (Running is null or { Name.IsBase: true, Moved: null or { Percent: 100 } }) ? Upload : null;

    /// <summary>How far what goes on now is: the context, or the transfers of the running step.</summary>
    public Moved? Moved => Sending is { } upload ? (upload.Total > 0 ? new Moved(upload.Bytes, upload.Total) : null) : Running?.Moved;

    /// <param name="now">In any time that goes forward; <see cref="BuildStep.Began"/> is in the same.</param>
    public BuildSteps With(BuildProgress said, TimeSpan now) => said switch
    {
        BuildProgress.StepStarted s when Find(s.Id) < 0 => this with { All = All.Add(new BuildStep(s.Id, StepName.Read(s.Step), now)) },
        BuildProgress.StepFinished s when Find(s.Id) is >= 0 and var at => this with { All = All.SetItem(at, End(All[at], s)) },
        BuildProgress.Transfer t when t.Total > 0 && Find(t.Id) is >= 0 and var at => this with { All = All.SetItem(at, Move(All[at], t)) },
        BuildProgress.Upload u => this with { Upload = u },
        _ => this,
    };

    /// <summary>The build is over: what still ran was stopped.</summary>
    public BuildSteps AtEnd() => Running is null ? this : this with { All = [.. All.Select(s => s.Outcome == StepOutcome.Running ? s with { Outcome = StepOutcome.Stopped } : s)] };

    private static BuildStep End(BuildStep step, BuildProgress.StepFinished said) => step with
    {
        Took = said.Took,
        Outcome = said.Error is not null ? StepOutcome.Failed : said.Cached ? StepOutcome.Cached : StepOutcome.Built,
    };

    private static BuildStep Move(BuildStep step, BuildProgress.Transfer said) =>
        step with { Transfers = step.Transfers.SetItem(said.Name, new Moved(said.Done ? said.Total : Math.Min(said.Current, said.Total), said.Total)) };

    private int Find(string id)
    {
        for (int i = All.Length - 1; i >= 0; i--)
        {
            if (All[i].Id == id)
                return i;
        }
        return -1;
    }
}
