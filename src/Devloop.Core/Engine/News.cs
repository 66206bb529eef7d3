using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>What a step means to a person: the catalogue of everything a face can tell. Faces own the words, this owns the facts.</summary>
public abstract partial record News
{
    private News() { }

    /// <summary>Files changed that something reads.</summary>
    /// <param name="Affected">The images that read them, and those built on these, bottom-up.</param>
    public sealed record Changed(ImmutableArray<string> Paths, ImmutableArray<ImageName> Affected, int Untouched) : News;

    /// <summary>Files changed that nothing reads.</summary>
    /// <param name="Paths">Some of them, with what each image says of it.</param>
    /// <param name="More">How many more there are.</param>
    public sealed record Unread(ImmutableArray<PathUse> Paths, int More) : News;

    /// <summary>An image was looked at and is as it was.</summary>
    public sealed record Unchanged(ImageName Image, ImmutableArray<BuildReason> Reasons) : News;

    public sealed record BuildStarted(ImageName Image, WorkId Work, ImmutableArray<BuildReason> Reasons) : News
    {
        /// <summary>Containers have already what it brings.</summary>
        public bool InBackground { get; init; }
    }

    /// <param name="SameAsBefore">The digest is the one before: nothing that is built on it changes.</param>
    public sealed record BuildSucceeded(ImageName Image, ImageResult Result, ImmutableArray<BuildReason> Reasons, TimeSpan Took, bool SameAsBefore) : News
    {
        /// <summary>None when nothing was built.</summary>
        public BuildSteps Steps { get; init; } = BuildSteps.None;

        /// <summary>Containers have already what it brings.</summary>
        public bool InBackground { get; init; }
    }

    public sealed record BuildFailed(ImageName Image, ImmutableArray<Diagnostic> Diagnostics, ImmutableArray<BuildReason> Reasons, TimeSpan Took) : News
    {
        public BuildSteps Steps { get; init; } = BuildSteps.None;
    }

    /// <param name="Stopped">The run was stopped; else a newer edit made the build obsolete.</param>
    public sealed record BuildCancelled(ImageName Image, TimeSpan Took, bool Stopped = false) : News;

    /// <summary>The engine went away during a build, which begins anew when it is back.</summary>
    public sealed record BuildLost(ImageName Image, Diagnostic Why, TimeSpan Took) : News;

    /// <param name="IntoNodes">It is loaded into the cluster's nodes, and not pushed to a registry.</param>
    public sealed record PushStarted(ImageName Image, ContentTag Tag, bool IntoNodes = false) : News;

    /// <param name="IntoNodes">It was loaded into the cluster's nodes, and not pushed to a registry.</param>
    public sealed record PushFinished(ImageName Image, ContentTag Tag, Diagnostic? Failure, TimeSpan Took, bool IntoNodes = false) : News;

    public sealed record PullStarted(ImageName Image, ContentTag Tag) : News;

    /// <param name="Failure">The image is built instead.</param>
    public sealed record PullFinished(ImageName Image, ContentTag Tag, Diagnostic? Failure, TimeSpan Took) : News;

    public sealed record DeployStarted(ResourceName Resource, ImmutableArray<ImageName> NewImages) : News;

    public sealed record DeployFinished(ResourceName Resource, ImmutableArray<ObjectChange> Changes, TimeSpan Took) : News;

    public sealed record DeployFailed(ResourceName Resource, ImmutableArray<Diagnostic> Diagnostics, TimeSpan Took) : News;

    /// <summary>What left the config would not go, or not all of it.</summary>
    public sealed record RemovalFailed(ImmutableArray<Diagnostic> Diagnostics) : News;

    public sealed record LocalStarted(ResourceName Resource, ImmutableArray<RunReason> Reasons) : News;

    /// <param name="Serves">What it serves has started.</param>
    public sealed record LocalFinished(ResourceName Resource, ImmutableArray<RunReason> Reasons, TimeSpan Took, bool Serves) : News;

    public sealed record LocalFailed(ResourceName Resource, ImmutableArray<Diagnostic> Diagnostics, TimeSpan Took) : News;

    /// <param name="Stopped">The run was stopped; else a newer edit made this one obsolete.</param>
    public sealed record LocalCancelled(ResourceName Resource, TimeSpan Took, bool Stopped) : News;

    /// <summary>Containers are being given what changed.</summary>
    public sealed record LiveUpdateStarted(ResourceName Resource, UpdateBatch Update) : News;

    /// <summary>Containers show what changed, or could not be given it.</summary>
    /// <param name="Reasons">The edits that it was for; empty when containers only caught up.</param>
    public sealed record LiveUpdateFinished(ResourceName Resource, UpdateBatch Update, ImmutableArray<BuildReason> Reasons) : News;

    public sealed record Status(ResourceName Resource, Health Before, Health Now) : News;

    public sealed record ConfigBroken(ImmutableArray<Diagnostic> Diagnostics) : News;

    public sealed record ConfigLoaded(ImmutableArray<Diagnostic> Warnings) : News;

    /// <summary>Nothing runs any more.</summary>
    public sealed record Quiet(RoundSummary Round) : News;
}

/// <summary>What happened between an event that found the engine quiet and the next quiet.</summary>
public sealed record RoundSummary
{
    /// <summary>The first round is the start itself.</summary>
    public required int Number { get; init; }

    public required TimeSpan Began { get; init; }

    public TimeSpan Ended { get; init; }

    public int Built { get; init; }

    public int Reused { get; init; }

    public int Failed { get; init; }

    public int Applied { get; init; }

    /// <summary>Resources whose containers were given something.</summary>
    public int Updated { get; init; }

    /// <summary>Local commands that ran and ended well.</summary>
    public int Ran { get; init; }

    /// <summary>When each stage was last reached, since the round began.</summary>
    public StageTimes Stages { get; init; } = new();

    public ImmutableArray<(ImageName Image, HoldReason Why)> Held { get; init; } = [];

    public ImmutableArray<(ResourceName Resource, HoldReason Why)> HeldResources { get; init; } = [];
}

/// <summary>Of a round: since its first event.</summary>
public sealed record StageTimes
{
    public TimeSpan? Planned { get; init; }

    public TimeSpan? Built { get; init; }

    public TimeSpan? Pushed { get; init; }

    public TimeSpan? Applied { get; init; }

    /// <summary>Running containers had what changed.</summary>
    public TimeSpan? Updated { get; init; }

    public TimeSpan? Ready { get; init; }
}
