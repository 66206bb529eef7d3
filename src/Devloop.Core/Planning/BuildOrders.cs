using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>Puts a fingerprint into a builder's terms.</summary>
public static class BuildOrders
{
    public static BuildOrder Of(ImageDefinition image, Fingerprint fingerprint, bool noCache) => new()
    {
        Image = image.Name,
        Context = fingerprint.Context,
        DockerfileText = Pin(image, fingerprint.Bases).Text,
        DockerfileName = image.DockerfileName,
        Target = image.Target.Target,
        Platform = image.Target.Platform,
        Args = image.Args,
        Labels = image.Target.Labels,
        Network = image.Target.Network,
        ExtraHosts = image.Target.ExtraHosts,
        Pull = image.Target.Pull,
        NoCache = noCache,
    };

    /// <summary>The Dockerfile with the content tags of its bases in place of their names.</summary>
    /// <param name="bases">Bases that are missing here stay as they are written.</param>
    public static PinnedDockerfile Pin(ImageDefinition image, IReadOnlyDictionary<ImageName, ImageDigest> bases) =>
        Pinning.Pin(image.Dockerfile, mention => image.BaseAt(mention) is { } name && bases.TryGetValue(name, out ImageDigest digest)
            ? Reference(mention, name, digest)
            : null);

    /// <summary>The name as the Dockerfile's own words resolve, with the tag: the engine finds it locally.</summary>
    private static string Reference(ImageMention mention, ImageName name, ImageDigest digest) =>
        (mention.Reference?.FamiliarName ?? name.Value) + ":" + ContentTag.Of(digest);
}
