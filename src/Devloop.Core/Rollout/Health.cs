using System.Collections.Immutable;

namespace Devloop.Rollout;

/// <summary>How an object of the cluster is doing, by what it and its pods say at one moment.</summary>
public abstract record Health
{
    private Health() { }

    /// <summary>Nothing has begun yet.</summary>
    public sealed record Pending(string Reason) : Health;

    /// <summary>On its way.</summary>
    /// <param name="ReadyCount">Pods of the newest revision that are ready; for a job, pods that have succeeded.</param>
    /// <param name="Evidence">Problems seen on the way that may heal by themselves.</param>
    public sealed record Progressing(int ReadyCount, int Wanted, string Reason, ImmutableArray<PodProblem> Evidence) : Health;

    /// <summary>Does what it is there for. Scaled to zero is 0 of 0; what has no pods is 1 of 1.</summary>
    public sealed record Ready(int ReadyCount, int Wanted) : Health
    {
        /// <summary>More than a process that runs says so: every container of its pods has a readiness probe, or there are no pods.</summary>
        public bool Probed { get; init; } = true;

        /// <summary>In words, where there are no pods to count.</summary>
        public string? Text { get; init; }
    }

    /// <summary>Will not get ready by itself soon; a new event may still heal it.</summary>
    public sealed record Failed(string Reason, ImmutableArray<PodProblem> Evidence) : Health
    {
        /// <summary>What a command of this machine wrote last, a line each; empty for what runs in pods, whose evidence has it.</summary>
        public string LastOutput { get; init; } = "";

        /// <summary>The cluster gave it up: nothing heals it but another deploy.</summary>
        public bool Final { get; init; }

        /// <summary>How long it may stay so before nobody expects it to heal; null is as long as anything else.</summary>
        public TimeSpan? Patience { get; init; }
    }

    /// <summary>Has run to its end with success.</summary>
    public sealed record Completed : Health;
}
