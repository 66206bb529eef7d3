using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>
/// What the images from elsewhere are that a project's images stand on: the digest that a build would use. Asked once in a run, so that
/// a plan does not change under way.
/// </summary>
public sealed class ExternalBases(World world)
{
    /// <summary>How long a registry may keep a first look waiting. One that does not answer is not asked again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Stands for several platforms at once: what counts then is the index that a reference names.</summary>
    private const string Several = "";

    private readonly ConcurrentDictionary<(string Reference, string Platform, bool Pull), Task<ExternalBase>> _known = [];
    private readonly ConcurrentDictionary<string, bool> _away = new(StringComparer.Ordinal);

    /// <summary>The external bases of an image, by reference as resolved. Throws <see cref="EngineUnreachableException"/>.</summary>
    public async Task<ImmutableSortedDictionary<string, ExternalBase>> OfAsync(ImageDefinition image, CancellationToken cancellationToken)
    {
        string platform = image.Target.Platforms.IsEmpty ? image.Dockerfile.Platform.ToString() : Several;
        var asked = image.ExternalBases.Select(r => (Reference: r, Task: ResolveAsync(r, platform, image.Target.Pull))).ToArray();
        await Task.WhenAll(asked.Select(a => a.Task)).WaitAsync(cancellationToken).ConfigureAwait(false);
        return asked.ToImmutableSortedDictionary(a => a.Reference, a => a.Task.Result, StringComparer.Ordinal);
    }

    private Task<ExternalBase> ResolveAsync(string reference, string platform, bool pull) => _known.GetOrAdd((reference, platform, pull), async asked =>
    {
        try
        {
            return await LookAsync(reference, platform, pull).ConfigureAwait(false);
        }
        catch
        {
            _known.TryRemove(asked, out _);
            throw;
        }
    });

    /// <summary>As BuildKit chooses: the engine's own image, unless the config says to pull; else the registry's.</summary>
    private async Task<ExternalBase> LookAsync(string text, string platform, bool pull)
    {
        // A digest says what the image is, on every machine and without a question.
        if (!ImageReference.TryParse(text, out ImageReference? reference) || reference.Digest is not null)
            return new ExternalBase(text, Pin: null);
        if (!pull && platform != Several && await world.Store.FindAsync(text, CancellationToken.None).ConfigureAwait(false) is { } local)
            return new ExternalBase(local.Value, Pin: null);
        if (_away.ContainsKey(reference.Domain))
            return new ExternalBase(text, Pin: null);
        using var patience = new CancellationTokenSource(Patience, world.Clock);
        try
        {
            RegistryImage? found = await world.Registry.FindAsync(reference, platform == Several ? BuildPlatform.LinuxAmd64.ToString() : platform, patience.Token).ConfigureAwait(false);
            return found is null ? new ExternalBase(text, Pin: null) : new ExternalBase(platform == Several ? found.ManifestDigest : found.Digest.Value, $"{text}@{found.ManifestDigest}");
        }
        catch (Exception e) when (e is RegistryException or OperationCanceledException)
        {
            _away[reference.Domain] = true;
            return new ExternalBase(text, Pin: null);
        }
    }
}

/// <param name="Identity">What counts in a key: the config digest; the reference's own text when nobody can say.</param>
/// <param name="Pin">What a build names instead, so that it uses this very image although the tag may move meanwhile; null leaves the name.</param>
public sealed record ExternalBase(string Identity, string? Pin);
