using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>What the images that others are built on bring to a build: asked once for each, the engine first, then its registry.</summary>
/// <param name="memory">Where images of the project are that the engine does not have; null when builds are not shared.</param>
public sealed class BaseKnowledge(World world, ImagePlace place, BuildMemory? memory)
{
    private readonly ConcurrentDictionary<string, Task<BaseImage?>> _configs = new(StringComparer.Ordinal);

    /// <summary>What the images that an image stands on bring, as far as it is known. Throws <see cref="EngineUnreachableException"/>.</summary>
    /// <param name="digests">The digests of its bases of the project.</param>
    /// <param name="external">What its other bases are.</param>
    public async Task<ImmutableDictionary<string, BaseImage>> DescribeAsync(
        ImageDefinition image, IReadOnlyDictionary<ImageName, ImageDigest> digests, IReadOnlyDictionary<string, ExternalBase> external, CancellationToken cancellationToken)
    {
        string platform = image.Dockerfile.Platform.ToString();
        var known = ImmutableDictionary.CreateBuilder<string, BaseImage>(StringComparer.Ordinal);
        foreach (ImageMention mention in image.Parents)
        {
            string text = image.TextOf(mention);
            (string wanted, ImageReference? remote) = image.BaseAt(mention) is { } name && digests.TryGetValue(name, out ImageDigest digest) && ImageReference.TryParse(name.Value, out ImageReference? own)
                ? (place.ReferenceTo(own, ContentTag.Of(digest)).Familiar, memory?.ImageAt(own, ContentTag.Of(digest)))
                // Only a registry that answered a moment ago is asked for more.
                : (text, external.GetValueOrDefault(text)?.Pin is not null && ImageReference.TryParse(text, out ImageReference? elsewhere) ? elsewhere : null);
            if (await OnceAsync(wanted, remote, platform, cancellationToken).ConfigureAwait(false) is { } config)
                known[mention.Text] = config;
        }
        return known.ToImmutable();
    }

    /// <summary>What images of the project say of themselves, as far as it is known. Throws <see cref="EngineUnreachableException"/>.</summary>
    /// <param name="wanted">The images with their platforms.</param>
    public async Task<ImmutableDictionary<ImageName, BaseImage>> OfImagesAsync(
        IEnumerable<KeyValuePair<ImageName, string>> wanted, IReadOnlyCollection<ImageTarget> targets, IReadOnlyDictionary<ImageName, ImageDigest> digests, CancellationToken cancellationToken)
    {
        var known = ImmutableDictionary.CreateBuilder<ImageName, BaseImage>();
        foreach ((ImageName image, string platform) in wanted)
        {
            if (!digests.TryGetValue(image, out ImageDigest digest) || targets.FirstOrDefault(t => t.Name == image) is not { Selector.Reference: var name })
                continue;
            if (await OfImageAsync(name, ContentTag.Of(digest), platform, cancellationToken).ConfigureAwait(false) is { } config)
                known[image] = config;
        }
        return known.ToImmutable();
    }

    /// <summary>What an image of the project says of itself; null when that cannot be learnt. Throws <see cref="EngineUnreachableException"/>.</summary>
    public Task<BaseImage?> OfImageAsync(ImageReference name, ContentTag tag, string platform, CancellationToken cancellationToken) =>
        OnceAsync(place.ReferenceTo(name, tag).Familiar, memory?.ImageAt(name, tag), platform, cancellationToken);

    /// <summary>What is known stays known; what is not, or failed, is asked for again the next time.</summary>
    private async Task<BaseImage?> OnceAsync(string wanted, ImageReference? remote, string platform, CancellationToken cancellationToken)
    {
        string question = $"{wanted} {platform}";
        Task<BaseImage?> answer = _configs.GetOrAdd(question, _ => AskAsync(wanted, remote, platform));
        try
        {
            return await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (answer.IsFaulted || (answer.IsCompletedSuccessfully && answer.Result is null))
                _configs.TryRemove(new KeyValuePair<string, Task<BaseImage?>>(question, answer));
        }
    }

    private async Task<BaseImage?> AskAsync(string wanted, ImageReference? remote, string platform)
    {
        if (await world.Store.DescribeAsync(wanted, CancellationToken.None).ConfigureAwait(false) is { } config)
            return config;
        try
        {
            return remote is null ? null : await world.Registry.ReadConfigAsync(remote, platform, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RegistryException)
        {
            return null;
        }
    }
}
