using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>Puts a fingerprint into a builder's terms.</summary>
public static class BuildOrders
{
    public static BuildOrder Of(ImageDefinition image, Fingerprint fingerprint, ImagePlace place, bool noCache) => new()
    {
        Image = image.Name,
        Repository = place.RepositoryOf(image.Target.Selector.Reference),
        Context = fingerprint.Context,
        DockerfileText = Pin(image, fingerprint.Bases, place, fingerprint.ExternalPins).Text,
        DockerfileName = image.DockerfileName,
        Target = image.Target.Target,
        Platform = image.Target.Platforms.IsEmpty ? image.Target.Platform : string.Join(',', image.Target.Platforms),
        IsIndex = image.Target.IsIndex,
        Args = image.Args,
        Labels = image.Target.Labels,
        Network = image.Target.Network,
        ExtraHosts = image.Target.ExtraHosts,
        Secrets = image.Secrets,
        Ssh = image.Ssh,
        Pull = image.Target.Pull,
        Demands = image.Target.Demands,
        NoCache = noCache || image.Target.Demands.NoCache,
    };

    /// <summary>The Dockerfile with the content tags of its bases in place of their names.</summary>
    /// <param name="bases">Bases that are missing here stay as they are written.</param>
    /// <param name="external">What to write for images from elsewhere, by the reference as resolved.</param>
    public static PinnedDockerfile Pin(ImageDefinition image, IReadOnlyDictionary<ImageName, ImageDigest> bases, ImagePlace place, IReadOnlyDictionary<string, string>? external = null) =>
        Pinning.Pin(image.Dockerfile, mention => image.BaseAt(mention) is not { } name ? external?.GetValueOrDefault(image.TextOf(mention)) ?? image.ReplacementAt(mention)
            : bases.TryGetValue(name, out ImageDigest digest) ? Reference(name, digest, place)
            : null);

    /// <summary>The name under which the builder finds it, with the content tag, whatever the Dockerfile calls it.</summary>
    private static string Reference(ImageName name, ImageDigest digest, ImagePlace place) =>
        ImageReference.TryParse(name.Value, out ImageReference? reference)
            ? place.ReferenceTo(reference, ContentTag.Of(digest)).Familiar
            : throw new ArgumentException($"`{name}` cannot be an image name", nameof(name));
}
