using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>Work that an effect does; an answer with an old id is dropped.</summary>
public readonly record struct WorkId(long Value)
{
    public static WorkId None { get; }
}

public enum RunMode
{
    /// <summary>Until stopped: watches, and what fails is tried again after the next edit.</summary>
    Up,

    /// <summary>Once: ends when everything is healthy, or when something failed.</summary>
    Once,

    /// <summary>Once, without deploying.</summary>
    BuildOnly,
}

/// <summary>What a run is to do, and how; does not change while it lasts.</summary>
public sealed record RunOptions
{
    public required RunMode Mode { get; init; }

    /// <summary>Builds at a time, at least 1.</summary>
    public int MaxParallelBuilds { get; init; } = 4;

    public bool NoCache { get; init; }

    /// <summary>Where builds leave their images and find their bases.</summary>
    public ImagePlace Place { get; init; } = ImagePlace.OfEngine;

    /// <summary>How images get to the cluster's nodes; null when the nodes share the engine. Nodes are loaded only where no builds are shared.</summary>
    public Delivery? Delivery { get; init; }

    /// <summary>Whose builds are shared; null when none are.</summary>
    public BuildMemory? Memory { get; init; }

    /// <summary>Every resource is deployed by itself, also one that the config says is not: the user named those of the run.</summary>
    public bool StartsAll { get; init; }

    /// <summary>How long a workload may look broken before a run of once ends for it.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long what a run of once has changed must stay ready, where no probe vouches for it: most programs that cannot run end within the
    /// first seconds. Zero: not at all.
    /// </summary>
    public TimeSpan Steady { get; init; }

    /// <summary>How long edits must pause before an image is built that containers have already.</summary>
    public TimeSpan LivePause { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Every fact of a run. Changed by <see cref="Transition.Step"/> only.</summary>
public sealed record EngineState
{
    public required RunOptions Options { get; init; }

    public required ResolvedProject Project { get; init; }

    public required ImmutableSortedDictionary<ImageName, ImageState> Images { get; init; }

    public required ImmutableSortedDictionary<ResourceName, ResourceState> Resources { get; init; }

    /// <summary>What images were built from that run, or may run, by their content tag: what containers of them show at their start.</summary>
    public ImmutableDictionary<(ImageName Image, ContentTag Tag), Fingerprint> Origins { get; init; } = ImmutableDictionary<(ImageName, ContentTag), Fingerprint>.Empty;

    /// <summary>The reading of the config that is under way.</summary>
    public WorkId Reload { get; init; }

    /// <summary>The config changed again while it was read.</summary>
    public bool ReloadAgain { get; init; }

    /// <summary>What is wrong with the config as it is on disk now; the last good one stays in force.</summary>
    public ImmutableArray<Diagnostic> ConfigProblems { get; init; } = [];

    /// <summary>The wait for an engine that went away; nothing is looked at or built meanwhile.</summary>
    public WorkId AwaitingEngine { get; init; }

    /// <summary>The deleting of what left the config that is under way.</summary>
    public WorkId Removing { get; init; }

    /// <summary>The resources of the config for which it was done last.</summary>
    public ImmutableArray<ResourceDefinition> RemovedFor { get; init; }

    /// <summary>What left the config and would not go.</summary>
    public ImmutableArray<Diagnostic> RemovalFailure { get; init; } = [];

    /// <summary>The environment is to blame for that.</summary>
    public bool RemovalFailureOfEnvironment { get; init; }

    public long LastWork { get; init; }

    public bool Stopping { get; init; }

    /// <summary>The user wants no new work started; what happens is remembered.</summary>
    public bool Paused { get; init; }

    /// <summary>The user switched a resource off during this run; else none has to be looked for.</summary>
    public bool Switched { get; init; }

    public bool TimedOut { get; init; }

    public static EngineState Initial(ResolvedProject project, RunOptions options) => new()
    {
        Options = options,
        Project = project,
        Images = project.Images.ToImmutableSortedDictionary(i => i.Name, i => new ImageState { Reasons = [new BuildReason.FirstBuild()], Dirty = true }),
        Resources = options.Mode == RunMode.BuildOnly
            ? project.Resources.Where(r => r.Local is not null).ToImmutableSortedDictionary(r => r.Name, ResourceState.Of)
            : project.Resources.ToImmutableSortedDictionary(r => r.Name, ResourceState.Of),
    };
}
