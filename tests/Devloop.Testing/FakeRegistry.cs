using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Registries in memory, all hosts in one. Safe for several machines at once.</summary>
public sealed class FakeRegistry : IRegistry, IRegistryCleaning
{
    private const string MediaType = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Repository, string Digest), Entry> _manifests = [];
    private readonly Dictionary<(string Repository, string Tag), string> _tags = [];
    private readonly List<ImageReference> _asked = [];

    /// <summary>Keeps a tag that exists, as registries do that know conditional requests.</summary>
    public bool KeepsTags { get; init; }

    /// <summary>Not null: nothing is answered, for this reason.</summary>
    public Diagnostic? Away { get; set; }

    /// <summary>Every reference that was looked for, in order.</summary>
    public ImmutableArray<ImageReference> Asked
    {
        get
        {
            lock (_lock)
                return [.. _asked];
        }
    }

    /// <summary>The tags of a repository, sorted.</summary>
    public ImmutableArray<string> TagsOf(string repository)
    {
        lock (_lock)
            return [.. _tags.Keys.Where(k => k.Repository == repository).Select(k => k.Tag).Order(StringComparer.Ordinal)];
    }

    /// <summary>Puts an image there, as a push does.</summary>
    public RegistryImage Put(ImageReference reference, ImageDigest digest, BaseImage? config = null) =>
        Put(reference, new Entry(new RegistryImage(ManifestOf(digest), MediaType, digest), [], config));

    /// <summary>Puts an index of images there.</summary>
    public void PutIndex(ImageReference reference, params (string Platform, ImageDigest Digest)[] images)
    {
        string index = Hash("index of " + string.Join(' ', images));
        Put(reference, new Entry(new RegistryImage(index, "application/vnd.oci.image.index.v1+json", default), [.. images], null));
    }

    /// <summary>What a reference names, without asking.</summary>
    public RegistryImage? Peek(ImageReference reference)
    {
        lock (_lock)
            return Find(reference)?.Image;
    }

    public Task<RegistryImage?> FindAsync(ImageReference reference, string platform, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _asked.Add(reference);
            ThrowWhenAway();
            if (Find(reference) is not { } found)
                return Task.FromResult<RegistryImage?>(null);
            if (found.Index.IsEmpty)
                return Task.FromResult<RegistryImage?>(found.Image);
            ImageDigest? chosen = found.Index.Where(i => i.Platform == platform).Select(i => (ImageDigest?)i.Digest).FirstOrDefault();
            return Task.FromResult(chosen is { } digest ? found.Image with { Digest = digest } : null);
        }
    }

    public Task<BaseImage?> ReadConfigAsync(ImageReference reference, string platform, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowWhenAway();
            return Task.FromResult(Find(reference)?.Config);
        }
    }

    public Task<bool> TagAsync(ImageReference repository, RegistryImage image, string tag, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowWhenAway();
            if (!_manifests.ContainsKey((repository.Name, image.ManifestDigest)))
                throw new RegistryException(Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"the registry `{repository.Domain}` cannot be used: it no longer has the image"));
            if (KeepsTags && _tags.ContainsKey((repository.Name, tag)))
                return Task.FromResult(false);
            _tags[(repository.Name, tag)] = image.ManifestDigest;
            return Task.FromResult(true);
        }
    }

    /// <summary>False: deletes are turned off, as they are in most registries.</summary>
    public bool Deletes { get; set; } = true;

    public Task<ImmutableArray<StoredManifest>> ListAsync(ImageReference repository, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowWhenAway();
            return Task.FromResult<ImmutableArray<StoredManifest>>([.. _tags.Where(t => t.Key.Repository == repository.Name).GroupBy(t => t.Value).Select(t => (Tags: t, Entry: _manifests[(repository.Name, t.Key)]))
                .Select(t => new StoredManifest(t.Tags.Key, [.. t.Tags.Select(k => k.Key.Tag).Order(StringComparer.Ordinal)], t.Entry.Index.IsEmpty ? t.Entry.Image.Digest : null, Created: null))]);
        }
    }

    public Task<RegistryDeletion> DeleteAsync(ImageReference repository, string manifestDigest, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowWhenAway();
            if (!Deletes)
                return Task.FromResult(RegistryDeletion.NotSupported);
            if (!_manifests.Remove((repository.Name, manifestDigest)))
                return Task.FromResult(RegistryDeletion.Absent);
            foreach ((string Repository, string Tag) tag in _tags.Where(t => t.Key.Repository == repository.Name && t.Value == manifestDigest).Select(t => t.Key).ToArray())
                _tags.Remove(tag);
            return Task.FromResult(RegistryDeletion.Deleted);
        }
    }

    internal static string ManifestOf(ImageDigest digest) => Hash("manifest of " + digest);

    private RegistryImage Put(ImageReference reference, Entry entry)
    {
        lock (_lock)
        {
            _manifests[(reference.Name, entry.Image.ManifestDigest)] = entry;
            _tags[(reference.Name, reference.Tag ?? "latest")] = entry.Image.ManifestDigest;
            return entry.Image;
        }
    }

    private Entry? Find(ImageReference reference)
    {
        string? digest = reference.Digest ?? _tags.GetValueOrDefault((reference.Name, reference.Tag ?? "latest"));
        return digest is null ? null : _manifests.GetValueOrDefault((reference.Name, digest));
    }

    private void ThrowWhenAway()
    {
        if (Away is { } why)
            throw new RegistryException(why);
    }

    private static string Hash(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed record Entry(RegistryImage Image, ImmutableArray<(string Platform, ImageDigest Digest)> Index, BaseImage? Config);
}
