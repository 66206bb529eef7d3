using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Docker;

/// <summary>
/// The ids of images in an engine whose images containerd keeps: there an id is the digest of the manifest, or of the index, and not that
/// of the config, which is the same everywhere. What was built or found in this process is remembered; what was built before is found by
/// its content tag, which is made of the config's digest.
/// </summary>
/// <param name="registry">Knows the configs of images from elsewhere; null leaves them unknown.</param>
internal sealed class ContainerdIds(IRegistry? registry)
{
    /// <summary>How long a registry may keep a look waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<ImageDigest, string> _ids = [];
    private readonly ConcurrentDictionary<string, ImageDigest> _configs = new(StringComparer.Ordinal);

    public void Learn(ImageDigest digest, string id)
    {
        _ids[digest] = id;
        _configs[id] = digest;
    }

    public string? IdOf(ImageDigest digest) => _ids.GetValueOrDefault(digest);

    /// <summary>
    /// The config's digest of an image from elsewhere: the registry that it came from knows it by its id. One that no registry has, or that
    /// cannot be asked, counts by its id.
    /// </summary>
    public async Task<ImageDigest> ConfigOfAsync(string reference, string id, string platform, CancellationToken cancellationToken)
    {
        if (_configs.TryGetValue(id, out ImageDigest known))
            return known;
        if (registry is null || !ImageReference.TryParse(reference, out ImageReference? name))
            return new ImageDigest(id);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            if (await registry.FindAsync(name with { Tag = null, Digest = id }, platform, patience.Token).ConfigureAwait(false) is { } image)
                return _configs[id] = image.Digest;
        }
        catch (Exception e) when (e is RegistryException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Without an answer the id is all that is known.
        }
        return new ImageDigest(id);
    }

    /// <summary>Patterns of names with this tag, whatever the number of their parts: a wildcard does not go beyond a slash.</summary>
    public static IEnumerable<string> NamesWith(ContentTag tag) => Enumerable.Range(0, 6).Select(slashes => string.Concat(Enumerable.Repeat("*/", slashes)) + "*:" + tag);
}
