using System.Collections.Immutable;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Engine;

/// <summary>What the engine asks of the world. Each answers with an event that carries its work id, unless it is cancelled.</summary>
public abstract record EngineEffect
{
    private EngineEffect() { }

    /// <summary>Read and hash the inputs, and look the key up.</summary>
    /// <param name="Bases">The bases' digests, by name.</param>
    /// <param name="Known">The inputs as they were read before, with what changed since; null: everything is to be read.</param>
    /// <param name="IgnoreKnown">Build even what is found under its key.</param>
    public sealed record TakeFingerprint(WorkId Work, ImageDefinition Image, ImmutableSortedDictionary<ImageName, ImageDigest> Bases, KnownInputs? Known, bool IgnoreKnown, RegistryLook Look = RegistryLook.None) : EngineEffect;

    /// <param name="NoCache">Run every step, whatever the builder remembers; the result takes the place of what was built under the same key before.</param>
    public sealed record StartBuild(WorkId Work, Fingerprint Fingerprint, ImmutableArray<BuildReason> Reasons, bool NoCache) : EngineEffect
    {
        public ImageDefinition Image => Fingerprint.Image;
    }

    /// <summary>Bring an image to where the nodes and others find it: to the registry, or into the nodes themselves.</summary>
    public sealed record StartPush(WorkId Work, ImageName Image, ImageDigest Digest) : EngineEffect;

    /// <summary>Let others find a pushed image under its key, or learn which image they find there.</summary>
    public sealed record StartPublish(WorkId Work, ImageName Image, ContentKey Key, ImageDigest Digest) : EngineEffect;

    /// <summary>Fetch an image that the registry has into the engine.</summary>
    public sealed record StartPull(WorkId Work, ImageName Image, ImageDigest Digest) : EngineEffect;

    /// <param name="Images">The digests of the resource's images, by name.</param>
    public sealed record StartDeploy(WorkId Work, ResourceDefinition Resource, ImmutableSortedDictionary<ImageName, ImageDigest> Images, DeployKey Key) : EngineEffect
    {
        /// <summary>The user asked: objects are applied even where the cluster has them so already, and Jobs that have ended run anew.</summary>
        public bool Asked { get; init; }
    }

    /// <summary>Give a running container what it lacks.</summary>
    public sealed record StartLiveUpdate(WorkId Work, ResourceName Resource, LiveContainer Container, LivePlan.Update Plan, bool Restart) : EngineEffect;

    /// <summary>Delete the pod of a container, so that a new one begins with what the image has; answers as an update does.</summary>
    public sealed record ReplacePod(WorkId Work, ResourceName Resource, LiveContainer Container, LiveObstacle Why) : EngineEffect;

    /// <summary>Delete the objects of a resource.</summary>
    /// <param name="After">A deploy that was cancelled; what it has begun ends first.</param>
    public sealed record RemoveResource(WorkId Work, ResolvedProject Project, ResourceDefinition Resource, WorkId After) : EngineEffect;

    /// <summary>Delete what was applied once and is in the config no more.</summary>
    public sealed record RemoveLeftovers(WorkId Work, ResolvedProject Project) : EngineEffect;

    /// <summary>Read and hash what a local command reads.</summary>
    /// <param name="Known">As it was read before, with what changed since; null: everything is to be read.</param>
    public sealed record LookAtLocal(WorkId Work, ResourceDefinition Resource, KnownDeps? Known) : EngineEffect;

    /// <summary>Run a local command, then start what it serves in place of what it served before.</summary>
    public sealed record StartLocal(WorkId Work, ResourceDefinition Resource, DeployKey Key, ImmutableArray<RunReason> Reasons) : EngineEffect;

    /// <summary>End what a local command serves; answers nothing.</summary>
    public sealed record StopLocal(ResourceName Resource) : EngineEffect;

    /// <summary>End a piece of work; it answers nothing more.</summary>
    public sealed record Cancel(WorkId Work) : EngineEffect;

    public sealed record LoadProject(WorkId Work) : EngineEffect;

    /// <summary>Say <see cref="EngineEvent.EngineAnswered"/> once the engine that builds answers again.</summary>
    /// <param name="Patience">After that it is given up; null: never.</param>
    public sealed record AwaitEngine(WorkId Work, TimeSpan? Patience) : EngineEffect;

    /// <summary>Say <see cref="EngineEvent.Woke"/> after a while.</summary>
    public sealed record WakeAfter(ResourceName Resource, TimeSpan Time) : EngineEffect;
}

/// <summary>Whether the registry is asked for a key.</summary>
public enum RegistryLook
{
    None,

    /// <summary>When nothing is known of the key here.</summary>
    WhenUnknown,

    /// <summary>Also to learn whether what is known here is what counts for everybody.</summary>
    Always,
}
