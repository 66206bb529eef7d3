using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Planning;

public enum BuildAction
{
    Build,

    /// <summary>The same content was built before.</summary>
    Reuse,

    /// <summary>A base has to be built first to know.</summary>
    Maybe,
}

public sealed record PlannedBuild(ImageName Image, BuildAction Action, ImmutableArray<BuildReason> Reasons);

public enum DeployAction
{
    Apply,

    /// <summary>An image of it has to be built first to know, or another local command has to run.</summary>
    Maybe,

    /// <summary>A local command runs.</summary>
    Run,
}

public sealed record PlannedDeploy(ResourceName Resource, DeployAction Action, ImmutableArray<DeployReason> Reasons);

/// <summary>Why a resource would be applied.</summary>
public abstract record DeployReason : IReason
{
    private DeployReason() { }

    public abstract string Text { get; }

    public virtual string? Path => null;

    public virtual int? Line => null;

    public sealed record ImageBuilt(ImageName Image) : DeployReason
    {
        public override string Text => $"image {Image} is built";
    }

    public sealed record ImageMaybe(ImageName Image) : DeployReason
    {
        public override string Text => $"image {Image} may become another";
    }

    /// <param name="File">Relative to the project.</param>
    public sealed record ManifestChanged(string File) : DeployReason
    {
        public override string Text => $"{File} changed";

        public override string? Path => File;
    }

    /// <param name="Exists">False when the cluster does not have the object.</param>
    public sealed record ObjectDiffers(ObjectReference Object, bool Exists) : DeployReason
    {
        public override string Text => Exists ? $"{Object} is otherwise in the cluster" : $"{Object} is not in the cluster";
    }

    /// <summary>Of a local command.</summary>
    public sealed record Run(RunReason Why) : DeployReason
    {
        public override string Text => Why.Text;

        public override string? Path => Why.Path;
    }

    /// <param name="Why">A few words.</param>
    public sealed record ClusterUnknown(string Why) : DeployReason
    {
        public override string Text => $"the cluster was not asked: {Why}";
    }
}

/// <summary>Files that go into the running containers of a resource.</summary>
/// <param name="Restart">The process of some container would be started again; also when it is not known what it runs.</param>
public sealed record PlannedLiveUpdate(ResourceName Resource, ImmutableArray<LiveMove> Files, bool Restart);

/// <summary>What becomes of a path: who reads it, and who does not for what reason.</summary>
/// <param name="Path">Relative to the project.</param>
public sealed record PathUse(string Path, ImmutableArray<PathVerdict> Images)
{
    /// <summary>The local commands that read it.</summary>
    public ImmutableArray<ResourceName> Locals { get; init; } = [];
}

/// <summary>Whether an image reads a path of its context, and why or why not.</summary>
/// <param name="Text">Such as <c>no instruction reads it</c>.</param>
/// <param name="File">The file that decides, with its line: the Dockerfile, the ignore file or the config; null when none does.</param>
public sealed record PathVerdict(ImageName Image, bool Reads, string Text, string? File, int? Line);

/// <summary>The builds and deploys that are due, with the reason for each. Nothing was done to know them.</summary>
/// <param name="Builds">Bottom-up.</param>
/// <param name="Unaffected">Nodes of the <see cref="ProjectGraph"/> with nothing to do, by their ids.</param>
/// <param name="Paths">What becomes of the paths that were asked about.</param>
public sealed record Plan(ImmutableArray<PlannedBuild> Builds, ImmutableArray<PlannedDeploy> Deploys, ImmutableArray<string> Unaffected, ImmutableArray<PathUse> Paths)
{
    /// <summary>What running containers are given instead of a build.</summary>
    public ImmutableArray<PlannedLiveUpdate> LiveUpdates { get; init; } = [];

    /// <summary>What left the config and is to be deleted.</summary>
    public ImmutableArray<RecordedObject> Removals { get; init; } = [];
}
