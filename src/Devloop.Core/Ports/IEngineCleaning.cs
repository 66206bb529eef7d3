using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>What an engine holds, and taking it away. Every verb throws <see cref="EngineUnreachableException"/> when the engine does not answer.</summary>
public interface IEngineCleaning
{
    /// <summary>All images that have names, with what containers use.</summary>
    Task<EngineContent> ListAsync(CancellationToken cancellationToken);

    /// <summary>When an image got a name last, or was made when that is not known; null when nobody knows, or it is not there.</summary>
    Task<DateTimeOffset?> NamedAtAsync(ImageDigest digest, CancellationToken cancellationToken);

    /// <summary>Takes a name away, and the image with its last one. Never what a container uses.</summary>
    Task<EngineRemoval> RemoveAsync(ImageReference reference, CancellationToken cancellationToken);

    /// <summary>Empties the build cache, as far as nothing uses it; gives the bytes that it freed.</summary>
    Task<long> PruneCacheAsync(CancellationToken cancellationToken);
}

/// <param name="LayerBytes">What all layers take together.</param>
/// <param name="CacheBytes">What emptying the build cache would free.</param>
public sealed record EngineContent(ImmutableArray<StoredImage> Images, long LayerBytes, long CacheBytes);

/// <param name="OwnBytes">What no other image shares.</param>
/// <param name="IsUsed">A container has it, running or not.</param>
public sealed record StoredImage(ImageDigest Digest, ImmutableArray<ImageReference> Names, long OwnBytes, bool IsUsed);

public enum EngineRemoval
{
    Removed,
    Absent,

    /// <summary>A container uses it.</summary>
    InUse,
}
