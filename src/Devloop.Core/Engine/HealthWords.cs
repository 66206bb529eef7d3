using System.Collections.Immutable;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>A resource's health in words.</summary>
public static class HealthWords
{
    /// <summary>How often a container may end before nobody expects it to heal.</summary>
    private const int FewRestarts = 3;

    private const int MostEvidence = 3;
    private const int MostLastLines = 10;

    /// <summary>One word for machines: pending, progressing, ready, completed or failed.</summary>
    public static string StatusWord(this Health health) => health switch
    {
        Health.Pending => "pending",
        Health.Progressing => "progressing",
        Health.Ready => "ready",
        Health.Completed => "completed",
        _ => "failed",
    };

    public static string Describe(this Health health) => health switch
    {
        Health.Pending pending => pending.Reason,
        Health.Progressing progressing => $"{progressing.ReadyCount} of {progressing.Wanted} ready: {progressing.Reason}",
        Health.Ready { Text: { } text } => text,
        Health.Ready ready => $"{ready.ReadyCount} of {ready.Wanted} ready",
        Health.Completed => "completed",
        Health.Failed failed => failed.Reason,
        _ => "",
    };

    public static bool IsGood(this Health health) => health is Health.Ready or Health.Completed;

    /// <summary>Nobody expects it to heal: the cluster gave it up, or it ended too often.</summary>
    public static bool IsHopeless(this Health health) =>
        health is Health.Failed failed && (failed.Final || failed.Evidence.Any(p => p.RestartCount >= FewRestarts));

    /// <summary>What the pods say, a line each, and below it what the container wrote last.</summary>
    public static ImmutableArray<string> EvidenceLines(this Health.Failed failed) =>
    [
        .. failed.Evidence.Take(MostEvidence).SelectMany(p => p.LastOutput.Split('\n').Where(l => l.Length > 0).TakeLast(MostLastLines).Select(l => "│ " + l)
            .Prepend($"pod {p.Pod}{(p.Container is null ? "" : $", container {p.Container}")}: {p.Message}")),
        .. failed.LastOutput.Split('\n').Where(l => l.Length > 0).TakeLast(MostLastLines).Select(l => "│ " + l),
        .. failed.Evidence.Length > MostEvidence ? [$"and {failed.Evidence.Length - MostEvidence} more like these"] : (string[])[],
    ];

    /// <summary>Whether two say the same to a person; what the evidence holds beside is no news.</summary>
    public static bool SameAs(this Health one, Health other) => one.StatusWord() == other.StatusWord() && one.Describe() == other.Describe();
}
