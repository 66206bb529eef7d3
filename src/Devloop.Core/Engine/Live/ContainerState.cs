using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning.Live;
using Devloop.Ports;

namespace Devloop.Engine.Live;

/// <summary>A container as the cluster has it that runs an image with live update.</summary>
/// <param name="PodUid">Of the pod that it is in.</param>
/// <param name="Tag">Of the image that it started from.</param>
public sealed record LiveContainer(ContainerPlace Place, string PodUid, ImageName Image, ContentTag Tag)
{
    /// <summary>False once it has ended; it can be given nothing then.</summary>
    public bool Running { get; init; } = true;

    /// <summary>Its process can be started again in place.</summary>
    public bool Supervised { get; init; }

    /// <summary>What it runs does about files that change; null while its image is being asked what it runs.</summary>
    public FileAwareness? Awareness { get; init; } = FileAwareness.None;

    /// <summary>What an earlier run of devloop gave it: nobody knows how it shows these files.</summary>
    public ImmutableArray<LivePath> Touched { get; init; } = [];

    public bool Equals(LiveContainer? other) => other is not null && Place == other.Place && PodUid == other.PodUid && Image == other.Image && Tag == other.Tag
        && Running == other.Running && Supervised == other.Supervised && Awareness == other.Awareness && Touched.SequenceEqual(other.Touched);

    public override int GetHashCode() => HashCode.Combine(Place, Image, Tag, Running);
}

/// <summary>What is known of one container.</summary>
public sealed record ContainerState(LiveContainer Seen)
{
    /// <summary>What it has of the contexts: at its start what its image was built from; null when nobody knows what that was.</summary>
    public LiveContent? Shows { get; init; }

    /// <summary>What it may show otherwise.</summary>
    public ImmutableHashSet<LivePath> Doubtful { get; init; } = [];

    /// <summary>It is to get everything once, as the config asks.</summary>
    public bool Initial { get; init; }

    /// <summary>The update that runs.</summary>
    public RunningUpdate? Updating { get; init; }

    /// <summary>How often the transfer broke since one went well.</summary>
    public int Broken { get; init; }

    /// <summary>Not tried before that.</summary>
    public TimeSpan? RetryAt { get; init; }

    /// <summary>What it was to show when a command failed in it; not tried again for the same.</summary>
    public LiveContent? GivenUp { get; init; }
}

/// <param name="To">What the container shows afterwards.</param>
public sealed record RunningUpdate(WorkId Work, LiveContent To, LivePlan.Update Plan, bool Restart);

/// <summary>The updates of a resource's containers that belong together: from the first one that starts to the last one that ends.</summary>
public sealed record UpdateBatch(TimeSpan Began)
{
    public ImmutableArray<LiveMove> Moves { get; init; } = [];

    /// <summary>Each container once.</summary>
    public ImmutableSortedSet<string> Containers { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public bool Restarted { get; init; }

    /// <summary>Commands that were run in each.</summary>
    public int Runs { get; init; }

    public TimeSpan Took { get; init; }

    /// <summary>What went wrong; with it the update counts as failed.</summary>
    public ImmutableArray<Diagnostics.Diagnostic> Failures { get; init; } = [];

    /// <summary>The image is built instead.</summary>
    public bool BuildsInstead { get; init; }

    /// <summary>A container started again by itself, or a new one came: it was given what others have already.</summary>
    public bool CatchesUp { get; init; }

    /// <summary>The same, when a container was not given what it is about.</summary>
    public UpdateBatch Without(string container) => this with { Containers = Containers.Remove(container) };
}

/// <summary>Why an image's containers are given nothing.</summary>
/// <param name="ForGood">Until the config says something else; otherwise until it is deployed again.</param>
public sealed record LiveBar(LiveObstacle Why, bool ForGood);
