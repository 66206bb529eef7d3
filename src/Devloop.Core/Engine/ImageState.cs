using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Engine;

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
