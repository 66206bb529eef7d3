using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>An image at one moment: its key, and all that a build of exactly this needs.</summary>
/// <param name="Image">The image, knowing what its bases bring.</param>
/// <param name="Bases">The digests of its bases, to pin them.</param>
public sealed record Fingerprint(ImageDefinition Image, ContentKey Key, InputReading Inputs, ImmutableSortedDictionary<ImageName, ImageDigest> Bases)
{
    public ContextSnapshot Context => Inputs.Snapshot;

    /// <summary>The inputs with what containers get besides them; null when the inputs hold all of that. No part of the key.</summary>
    public ContextSnapshot? Synced => Inputs.Synced?.Snapshot;

    /// <summary>What containers are to show of the context.</summary>
    public ContextSnapshot Live => Synced ?? Context;

    /// <summary>What the key is made of besides the inputs.</summary>
    public ImmutableArray<KeyField> Fields { get; init; } = [];

    /// <summary>What differs from what the image was last built from; empty when that is not known, or nothing does.</summary>
    public ImmutableArray<BuildReason> Differences { get; init; } = [];

    /// <summary>To be remembered with what it became.</summary>
    public BuildRecord RecordOf(ImageDigest digest) => new(Key, digest, Fields, Context);

    /// <summary>What the build names in place of external bases, by the reference as resolved; the others keep their names.</summary>
    public ImmutableDictionary<string, string> ExternalPins { get; init; } = ImmutableDictionary<string, string>.Empty;
}
