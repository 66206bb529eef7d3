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

/// <summary>What is known of one image.</summary>
public sealed record ImageState
{
    /// <summary>Something that may matter happened and was not looked at yet.</summary>
    public bool Dirty { get; init; }

    /// <summary>The fingerprint being taken.</summary>
    public WorkId Fingerprinting { get; init; }

    /// <summary>The inputs as the last fingerprint that counted saw them, with what changed since; null when anything may have changed.</summary>
    public KnownInputs? Inputs { get; init; }

    /// <summary>The last fingerprint that counted: what its context is now, whether it was built so or not.</summary>
    public Fingerprint? Seen { get; init; }

    /// <summary>Since when it is not built as it was seen, because containers are given what is new; null when no build is due for that.</summary>
    public TimeSpan? BehindSince { get; init; }

    /// <summary>Whether containers can be given all that changed since what they run was built; null when that is no matter of live update.</summary>
    public LivePlan? Live { get; init; }

    /// <summary>Why its containers are given nothing; null when nothing is known against it.</summary>
    public LiveBar? Barred { get; init; }

    /// <summary>Fingerprinted and to be built, when there is room.</summary>
    public Fingerprint? Queued { get; init; }

    /// <summary>The build that runs.</summary>
    public RunningBuild? Building { get; init; }

    /// <summary>What was being built when the engine was lost, and is built once more; a second loss counts as a failure.</summary>
    public ContentKey? BuiltAgain { get; init; }

    /// <summary>The push that runs.</summary>
    public WorkId Pushing { get; init; }

    /// <summary>What the last good build, or the store, gave.</summary>
    public ImageResult? Result { get; init; }

    /// <summary>The publication that runs.</summary>
    public WorkId Publishing { get; init; }

    /// <summary>The pull into the engine that runs.</summary>
    public WorkId Pulling { get; init; }

    /// <summary>What the registry, or each node, has under its content tag.</summary>
    public ImageDigest? Delivered { get; init; }

    /// <summary>The key under which the registry has the result.</summary>
    public ContentKey? Published { get; init; }

    /// <summary>What the engine that builds has under its content tag.</summary>
    public ImageDigest? InEngine { get; init; }

    /// <summary>What the registry has and the engine cannot get: such an image is built instead, and not adopted.</summary>
    public ImageDigest? Unpullable { get; init; }

    /// <summary>Why the last build or push failed; empty when it did not.</summary>
    public ImageFailure? Failure { get; init; }

    /// <summary>Why it is dirty, queued or built.</summary>
    public ImmutableArray<BuildReason> Reasons { get; init; } = [];

    /// <summary>Of the build that runs, else of the one that failed, else of the one that gave the result; none when nothing was built for it.</summary>
    public BuildSteps Steps => Building?.Steps ?? Failure?.Steps ?? Result?.Steps ?? BuildSteps.None;

    /// <summary>Neither looked at, queued, built nor waiting to be.</summary>
    public bool Settled => !Dirty && Fingerprinting == WorkId.None && Queued is null && Building is null;
}

/// <param name="Fingerprint">What it builds.</param>
/// <param name="StartedAt">Monotonic time since the run's start.</param>
public sealed record RunningBuild(WorkId Work, Fingerprint Fingerprint, TimeSpan StartedAt)
{
    public BuildSteps Steps { get; init; } = BuildSteps.None;

    /// <summary>Nobody waits for it: containers have what it brings.</summary>
    public bool InBackground { get; init; }
}

public sealed record ImageResult(ContentKey Key, ImageDigest Digest, BuildKind Kind)
{
    public ContentTag Tag => ContentTag.Of(Digest);

    /// <summary>Of the build that gave it; none when it was found.</summary>
    public BuildSteps Steps { get; init; } = BuildSteps.None;
}

public enum BuildKind
{
    Built,

    /// <summary>Found under its key; nothing was built.</summary>
    Reused,

    /// <summary>Found under its key in the registry, and fetched into the engine because something needed it there.</summary>
    Pulled,
}

/// <param name="Environment">The engine or the registry is out of reach.</param>
public sealed record ImageFailure(ImmutableArray<Diagnostic> Diagnostics, bool Environment)
{
    /// <summary>Of the build that failed; none when it was no build.</summary>
    public BuildSteps Steps { get; init; } = BuildSteps.None;
}

/// <summary>What is known of one resource.</summary>
public sealed record ResourceState
{
    /// <summary>What the user wants of it.</summary>
    public ResourceControl Control { get; init; } = ResourceControl.Untouched;

    /// <summary>What there is to know of a local command; null for what has objects.</summary>
    public LocalState? Local { get; init; }

    /// <summary>At the start, when nothing is known.</summary>
    public static ResourceState Of(ResourceDefinition definition) =>
        definition.Local is null ? new ResourceState() : new ResourceState { Local = new LocalState(), Health = new Health.Pending("not run yet") };

    /// <summary>The deploy that runs, and what it deploys.</summary>
    public WorkId Deploying { get; init; }

    public DeployKey? DeployingKey { get; init; }

    /// <summary>What is in the cluster.</summary>
    public DeployKey? Deployed { get; init; }

    /// <summary>The digests of its images as they are in the cluster, and as the deploy that runs brings them.</summary>
    public ImmutableSortedDictionary<ImageName, ImageDigest> Images { get; init; } = ImmutableSortedDictionary<ImageName, ImageDigest>.Empty;

    public ImmutableSortedDictionary<ImageName, ImageDigest> DeployingImages { get; init; } = ImmutableSortedDictionary<ImageName, ImageDigest>.Empty;

    /// <summary>Its containers that run images with live update, by their ids.</summary>
    public ImmutableSortedDictionary<string, ContainerState> Containers { get; init; } = ImmutableSortedDictionary.Create<string, ContainerState>(StringComparer.Ordinal);

    /// <summary>The uids of the pods that were seen since it was deployed.</summary>
    public ImmutableHashSet<string> Pods { get; init; } = [];

    /// <summary>Some container was given something since it was deployed.</summary>
    public bool Updated { get; init; }

    /// <summary>A pod was replaced: what was built for its successors is deployed once it is there.</summary>
    public bool Adopts { get; init; }

    /// <summary>The updates of containers that run.</summary>
    public UpdateBatch? Updates { get; init; }

    /// <summary>The updates that ended last.</summary>
    public UpdateBatch? LastUpdates { get; init; }

    /// <summary>What could not be deployed; not tried again until it is another.</summary>
    public DeployKey? Refused { get; init; }

    public ImmutableArray<Diagnostic> Failure { get; init; } = [];

    /// <summary>The environment is to blame for the failure.</summary>
    public bool FailureOfEnvironment { get; init; }

    public Health Health { get; init; } = new Health.Pending("not deployed yet");

    /// <summary>How it does apart from containers that have still to be given what is new; null when none has.</summary>
    public Health? Observed { get; init; }

    /// <summary>When it began to look broken; null when it does not.</summary>
    public TimeSpan? BrokenSince { get; init; }

    /// <summary>It looked broken for as long as it has to settle.</summary>
    public bool SettledBroken { get; init; }

    /// <summary>The last deploy changed something in the cluster.</summary>
    public bool Changed { get; init; }

    /// <summary>It is ready, and that is to be believed from then on; null when it is believed, or not ready.</summary>
    public TimeSpan? UnsteadyUntil { get; init; }

    /// <summary>It was ready once since the run began.</summary>
    public bool WasReady { get; init; }
}
