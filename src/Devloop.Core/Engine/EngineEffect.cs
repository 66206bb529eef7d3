using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>What the engine asks of the world. Each answers with an event that carries its work id, unless it is cancelled.</summary>
public abstract record EngineEffect
{
    private EngineEffect() { }

    /// <summary>Read and hash the inputs, and look the key up.</summary>
    /// <param name="Bases">The bases' digests, by name.</param>
    public sealed record TakeFingerprint(WorkId Work, ImageDefinition Image, ImmutableSortedDictionary<ImageName, ImageDigest> Bases, bool IgnoreKnown) : EngineEffect;

    public sealed record StartBuild(WorkId Work, ImageDefinition Image, Fingerprint Fingerprint, ImmutableArray<BuildReason> Reasons) : EngineEffect;

    public sealed record StartPush(WorkId Work, ImageName Image, ImageDigest Digest) : EngineEffect;

    /// <param name="Images">The digests of the resource's images, by name.</param>
    public sealed record StartDeploy(WorkId Work, ResourceDefinition Resource, ImmutableSortedDictionary<ImageName, ImageDigest> Images, DeployKey Key) : EngineEffect;

    /// <summary>End a piece of work; it answers nothing more.</summary>
    public sealed record Cancel(WorkId Work) : EngineEffect;

    public sealed record LoadProject(WorkId Work) : EngineEffect;

    /// <summary>Say <see cref="EngineEvent.Woke"/> after a while.</summary>
    public sealed record WakeAfter(ResourceName Resource, TimeSpan Time) : EngineEffect;
}
