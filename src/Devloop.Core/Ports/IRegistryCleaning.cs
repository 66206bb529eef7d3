using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>What a repository of a registry holds, and taking it away. Every verb throws <see cref="RegistryException"/> when the registry does not answer, or refuses.</summary>
public interface IRegistryCleaning
{
    /// <summary>Every manifest that has a tag; nothing when there is no such repository.</summary>
    Task<ImmutableArray<StoredManifest>> ListAsync(ImageReference repository, CancellationToken cancellationToken);

    /// <summary>Deletes a manifest with all its tags.</summary>
    Task<RegistryDeletion> DeleteAsync(ImageReference repository, string manifestDigest, CancellationToken cancellationToken);
}

/// <param name="Tags">Sorted; at least one.</param>
/// <param name="Digest">The config digest; null for what is not one image, such as an index.</param>
/// <param name="Created">What the image says itself; null when it says nothing, or the time that makes builds repeatable.</param>
public sealed record StoredManifest(string ManifestDigest, ImmutableArray<string> Tags, ImageDigest? Digest, DateTimeOffset? Created);

public enum RegistryDeletion
{
    Deleted,
    Absent,

    /// <summary>The registry deletes nothing, whoever asks.</summary>
    NotSupported,
}
