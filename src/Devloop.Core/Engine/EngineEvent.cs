using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>What the world said.</summary>
public abstract record EngineEvent
{
    private EngineEvent() { }

    /// <summary>Monotonic time since the run's start, set by the loop.</summary>
    public TimeSpan At { get; init; }

    public sealed record Started : EngineEvent;

    /// <summary>The watch stands: from now on every change comes as an event; what was saved before may have been missed.</summary>
    public sealed record WatchStarted : EngineEvent;

    /// <param name="Paths">Relative to the project, or absolute outside it; with <c>/</c>.</param>
    public sealed record FilesChanged(ImmutableArray<string> Paths, bool Overflow) : EngineEvent;

    public sealed record Fingerprinted(WorkId Work, ImageName Image, Fingerprint Fingerprint, KnownImage? Known) : EngineEvent;

    /// <summary>The context could not be read.</summary>
    public sealed record FingerprintFailed(WorkId Work, ImageName Image, ImmutableArray<Diagnostic> Diagnostics, bool Environment) : EngineEvent;

    /// <summary>How the steps of a build stand; told a few times a second.</summary>
    public sealed record BuildProgressed(WorkId Work, ImageName Image, BuildSteps Steps) : EngineEvent;

    public sealed record BuildFinished(WorkId Work, ImageName Image, BuildOutcome Outcome) : EngineEvent
    {
        public BuildSteps Steps { get; init; } = BuildSteps.None;
    }

    public sealed record PushFinished(WorkId Work, ImageName Image, ImageDigest Digest, Diagnostic? Failure) : EngineEvent;

    /// <param name="Counts">The digest that the key stands for, for everybody: the one that was published, or one that was there before.</param>
    public sealed record Published(WorkId Work, ImageName Image, ContentKey Key, ImageDigest Counts) : EngineEvent;

    public sealed record PullFinished(WorkId Work, ImageName Image, ImageDigest Digest, Diagnostic? Failure) : EngineEvent;

    public sealed record DeployFinished(WorkId Work, ResourceName Resource, DeployOutcome Outcome) : EngineEvent;

    /// <param name="For">The resources of the config that was looked at.</param>
    /// <param name="Failures">What would not go; empty when all is gone.</param>
    public sealed record LeftoversRemoved(WorkId Work, ImmutableArray<ResourceDefinition> For, ImmutableArray<Diagnostic> Failures, bool Environment) : EngineEvent;

    /// <param name="Key">What it would run for now.</param>
    /// <param name="Known">What it reads; null when it reads nothing.</param>
    public sealed record LocalLooked(WorkId Work, ResourceName Resource, DeployKey Key, KnownDeps? Known) : EngineEvent;

    /// <summary>What a local command reads could not be read.</summary>
    public sealed record LocalLookFailed(WorkId Work, ResourceName Resource, Diagnostic Why) : EngineEvent;

    public sealed record LocalRan(WorkId Work, ResourceName Resource, LocalOutcome Outcome) : EngineEvent;

    public sealed record ResourceObserved(ResourceName Resource, Health Health) : EngineEvent;

    /// <summary>The containers of a resource that run images with live update, all that there are.</summary>
    public sealed record ContainersSeen(ResourceName Resource, ImmutableArray<LiveContainer> Containers) : EngineEvent;

    /// <param name="Container">Its id.</param>
    public sealed record ContainerUpdated(WorkId Work, ResourceName Resource, string Container, ContainerUpdateOutcome Outcome) : EngineEvent;

    /// <summary>The config was read again.</summary>
    public sealed record ProjectLoaded(WorkId Work, Parsed<ResolvedProject> Project) : EngineEvent;

    /// <summary>The engine that builds answers again, or was given up.</summary>
    /// <param name="Away">Why it was given up; null when it answers.</param>
    public sealed record EngineAnswered(WorkId Work, Diagnostic? Away) : EngineEvent;

    /// <summary>The time asked for with <see cref="EngineEffect.WakeAfter"/> passed.</summary>
    public sealed record Woke(ResourceName Resource) : EngineEvent;

    /// <summary>The run's time is over.</summary>
    public sealed record DeadlinePassed : EngineEvent;

    public sealed record StopRequested : EngineEvent;

    /// <summary>The user wants images built again, and resources deployed again as they are now. Names that a run does not have are passed over.</summary>
    /// <param name="NoCache">Run every step of the images, and of those that the resources run.</param>
    public sealed record TriggerRequested(ImmutableArray<ImageName> Images, ImmutableArray<ResourceName> Resources, bool NoCache) : EngineEvent;

    /// <summary>No new work is started until <see cref="Resumed"/>.</summary>
    public sealed record Paused : EngineEvent;

    public sealed record Resumed : EngineEvent;

    /// <summary>The user wants a resource deployed, now and from now on.</summary>
    public sealed record Enabled(ResourceName Resource) : EngineEvent;

    /// <summary>The user wants a resource out of the cluster, until <see cref="Enabled"/>.</summary>
    public sealed record Disabled(ResourceName Resource) : EngineEvent;

    /// <summary>The objects of a resource were deleted.</summary>
    /// <param name="Failures">Empty when nothing of it is left that was to go.</param>
    public sealed record ResourceRemoved(WorkId Work, ResourceName Resource, ImmutableArray<Diagnostic> Failures) : EngineEvent;
}

/// <summary>What applying a resource's objects gave.</summary>
public abstract record DeployOutcome
{
    private DeployOutcome() { }

    /// <param name="Changes">One for each object, in the order they were applied.</param>
    public sealed record Applied(ImmutableArray<ObjectChange> Changes) : DeployOutcome;

    public sealed record Failed(ImmutableArray<Diagnostic> Diagnostics, bool Environment) : DeployOutcome;
}

public enum ChangeKind
{
    Unchanged,
    Created,
    Configured,

    /// <summary>Deleted and made anew, because a field cannot be changed in place.</summary>
    Recreated,
}

public sealed record ObjectChange(ObjectReference Object, ChangeKind Kind);
