using System.Collections.Concurrent;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.BuildKit;

/// <summary>
/// The images of a BuildKit that keeps none: they are in a registry, under content tags. What else the registry has is not among them, so
/// that bases from elsewhere are looked up, and pinned, as what they are.
/// </summary>
/// <param name="probe">Asks the builder who it is.</param>
public sealed class RegistryImageStore(IRegistry registry, Func<CancellationToken, Task<EngineProbe>> probe) : IImageStore
{
    /// <summary>Chooses from an index, whose own digest counts; an image of one platform is taken as it is.</summary>
    private const string AnyPlatform = "linux/amd64";

    /// <summary>What was pushed without a tag, until it gets one.</summary>
    private readonly ConcurrentDictionary<(string Repository, ImageDigest Digest), RegistryImage> _pushed = [];

    /// <summary>Takes in an image that was just pushed.</summary>
    public void Add(ImageReference repository, RegistryImage image) => _pushed[(repository.Name, image.Digest)] = image;

    public Task<EngineProbe> ProbeAsync(CancellationToken cancellationToken) => probe(cancellationToken);

    public async Task<ImageDigest?> FindAsync(string digestOrReference, CancellationToken cancellationToken)
    {
        var digest = new ImageDigest(digestOrReference);
        if (_pushed.Keys.Any(k => k.Digest == digest))
            return digest;
        return ReferenceIn(digestOrReference) is { } reference ? (await LookAsync(reference, cancellationToken).ConfigureAwait(false))?.Digest : null;
    }

    public async Task<BaseImage?> DescribeAsync(string digestOrReference, CancellationToken cancellationToken) => ReferenceIn(digestOrReference) is { } reference
        ? await AskAsync(() => registry.ReadConfigAsync(reference, AnyPlatform, cancellationToken)).ConfigureAwait(false)
        : null;

    public async Task<bool> TagAsync(ImageDigest digest, ImageReference reference, CancellationToken cancellationToken)
    {
        string tag = reference.Tag ?? "latest";
        string content = ContentTag.Of(digest).Value;
        if (!_pushed.TryGetValue((reference.Name, digest), out RegistryImage? image))
        {
            image = await LookAsync(reference.WithTag(content), cancellationToken).ConfigureAwait(false);
            if (image?.Digest != digest)
                return false;
            if (tag == content)
                return true;
        }
        // A registry that keeps the tag as it was has another image there, unless somebody gave this one the tag at the same time.
        return await AskAsync(() => registry.TagAsync(reference, image, tag, cancellationToken)).ConfigureAwait(false)
            || (await LookAsync(reference, cancellationToken).ConfigureAwait(false))?.Digest == digest;
    }

    /// <summary>It is there already, or it is nowhere.</summary>
    public async Task<PushOutcome> PushAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken) =>
        await LookAsync(reference, cancellationToken).ConfigureAwait(false) is { } image
            ? new PushOutcome.Pushed(image.ManifestDigest)
            : new PushOutcome.Failed(Diagnostic.Error(DiagnosticCode.PushFailed, $"`{reference.Familiar}` was not pushed to `{reference.Domain}`: the builder's registry does not have it") with
            {
                Help = "something removes images from the registry at the same time; the next build of the image pushes it again",
            });

    /// <summary>It is there already, or it is nowhere.</summary>
    public async Task<PullOutcome> PullAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken) =>
        await LookAsync(reference, cancellationToken).ConfigureAwait(false) is not null
            ? new PullOutcome.Pulled()
            : new PullOutcome.Failed(Diagnostic.Error(DiagnosticCode.PullFailed, $"`{reference.Familiar}` is not in the registry `{reference.Domain}`") with
            {
                Help = "something removes images from the registry at the same time; the image is built again when it is needed",
            });

    /// <summary>The content tag tells by which digest an image is known: an index by its own, all others by their config's.</summary>
    private async Task<RegistryImage?> LookAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        RegistryImage? found = await AskAsync(() => registry.FindAsync(reference, AnyPlatform, cancellationToken)).ConfigureAwait(false);
        return found is not null && reference.Tag == ContentTag.Of(new ImageDigest(found.ManifestDigest)).Value ? found with { Digest = new ImageDigest(found.ManifestDigest) } : found;
    }

    private static ImageReference? ReferenceIn(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) && reference.Tag?.StartsWith(ContentTag.Prefix, StringComparison.Ordinal) == true ? reference : null;

    private static async Task<T> AskAsync<T>(Func<Task<T>> question)
    {
        try
        {
            return await question().ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            throw new EngineUnreachableException(e.Diagnostic, e);
        }
    }
}
