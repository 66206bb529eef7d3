using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>
/// The registries that references name by their domains. Every verb throws <see cref="RegistryException"/> when a registry does not
/// answer, or refuses.
/// </summary>
public interface IRegistry
{
    /// <summary>
    /// The image that a tag or digest names; null when there is none. A reference without both means <c>latest</c>.
    /// </summary>
    /// <param name="platform">Chooses from an index, such as <c>linux/amd64</c>; an image that is not in an index is taken as it is.</param>
    Task<RegistryImage?> FindAsync(ImageReference reference, string platform, CancellationToken cancellationToken);

    /// <summary>What a build on an image depends on; null when there is no such image.</summary>
    Task<BaseImage?> ReadConfigAsync(ImageReference reference, string platform, CancellationToken cancellationToken);

    /// <summary>
    /// Gives an image one more tag in its own repository. False when the registry kept the tag as it was because it exists; most
    /// registries do not look and overwrite.
    /// </summary>
    Task<bool> TagAsync(ImageReference repository, RegistryImage image, string tag, CancellationToken cancellationToken);
}

/// <summary>An image in a registry.</summary>
/// <param name="ManifestDigest">What the registry calls what the reference names: an index, or a manifest.</param>
/// <param name="MediaType">Of that.</param>
/// <param name="Digest">The config digest of the image of the platform: what engines call it.</param>
public sealed record RegistryImage(string ManifestDigest, string MediaType, ImageDigest Digest);

/// <summary>A registry gave no answer, or refused.</summary>
public sealed class RegistryException(Diagnostic diagnostic, Exception? inner = null) : Exception(diagnostic.Message, inner)
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}
