using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>An engine's images in memory. Safe for several builds at once.</summary>
public sealed class FakeImageStore : IImageStore, IEngineCleaning
{
    private readonly Lock _lock = new();
    private readonly HashSet<ImageDigest> _images = [];
    private readonly Dictionary<ImageDigest, BaseImage> _configs = [];
    private readonly Dictionary<string, ImageDigest> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<ImageDigest, DateTimeOffset> _namedAt = [];
    private readonly List<ImageReference> _pushes = [];
    private readonly List<ImageReference> _pulls = [];
    private readonly Dictionary<string, Diagnostic> _refusals = new(StringComparer.Ordinal);

    /// <summary>What a probe says; an engine that answers, unless a test says otherwise.</summary>
    public EngineProbe Probe { get; set; } = new EngineProbe.Reached("FAKE:ENGINE", "20.10.24", "linux/amd64");

    /// <summary>Where pushes go and pulls come from; null is a registry that takes everything and has nothing.</summary>
    public FakeRegistry? Registry { get; init; }

    /// <summary>Makes every pull fail.</summary>
    public bool RefusesPulls { get; set; }

    /// <summary>Every pull that went through, in order.</summary>
    public ImmutableArray<ImageReference> Pulls
    {
        get
        {
            lock (_lock)
                return [.. _pulls];
        }
    }

    /// <summary>Every push that went through, in order.</summary>
    public ImmutableArray<ImageReference> Pushes
    {
        get
        {
            lock (_lock)
                return [.. _pushes];
        }
    }

    /// <summary>Puts an image there, as a build does.</summary>
    public void Add(ImageDigest digest)
    {
        lock (_lock)
            _images.Add(digest);
    }

    /// <summary>Puts an image there that brings something to builds on it.</summary>
    public void Add(ImageDigest digest, BaseImage config)
    {
        lock (_lock)
        {
            _images.Add(digest);
            _configs[digest] = config;
        }
    }

    /// <summary>Takes an image away with its tags, as <c>docker image prune</c> does.</summary>
    public void Remove(ImageDigest digest)
    {
        lock (_lock)
        {
            _images.Remove(digest);
            foreach (string tag in _tags.Where(t => t.Value == digest).Select(t => t.Key).ToArray())
                _tags.Remove(tag);
        }
    }

    /// <summary>Makes every push of a name fail until told otherwise with null.</summary>
    public void RefusePush(ImageReference reference, Diagnostic? why)
    {
        lock (_lock)
        {
            if (why is null)
                _refusals.Remove(reference.Name);
            else
                _refusals[reference.Name] = why;
        }
    }

    public Task<EngineProbe> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(Probe);

    public Task<ImageDigest?> FindAsync(string digestOrReference, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var digest = new ImageDigest(digestOrReference);
            if (_images.Contains(digest))
                return Task.FromResult<ImageDigest?>(digest);
            return Task.FromResult<ImageDigest?>(
                ImageReference.TryParse(digestOrReference, out ImageReference? reference) && _tags.TryGetValue(Key(reference), out ImageDigest tagged) ? tagged : null);
        }
    }

    public async Task<BaseImage?> DescribeAsync(string digestOrReference, CancellationToken cancellationToken)
    {
        if (await FindAsync(digestOrReference, cancellationToken).ConfigureAwait(false) is not { } digest)
            return null;
        lock (_lock)
            return _configs.GetValueOrDefault(digest, BaseImage.Of([], []));
    }

    public Task<bool> TagAsync(ImageDigest digest, ImageReference reference, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_images.Contains(digest))
                return Task.FromResult(false);
            _tags[Key(reference)] = digest;
            _namedAt[digest] = DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(_namedAt.Count);
            return Task.FromResult(true);
        }
    }

    /// <summary>Images that containers have.</summary>
    public HashSet<ImageDigest> Used { get; } = [];

    /// <summary>How much each image has for itself.</summary>
    public const long OwnBytes = 1000;

    /// <summary>What the build cache holds.</summary>
    public long CacheBytes { get; set; }

    public Task<EngineContent> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ILookup<ImageDigest, ImageReference> names = _tags.ToLookup(t => t.Value, t => ImageReference.TryParse(t.Key, out ImageReference? name) ? name : throw new InvalidOperationException(t.Key));
            return Task.FromResult(new EngineContent(
                [.. _images.Where(names.Contains).Select(i => new StoredImage(i, [.. names[i]], OwnBytes, Used.Contains(i)))], OwnBytes * _images.Count, CacheBytes));
        }
    }

    public Task<DateTimeOffset?> NamedAtAsync(ImageDigest digest, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_images.Contains(digest) && _namedAt.TryGetValue(digest, out DateTimeOffset at) ? at : (DateTimeOffset?)null);
    }

    public Task<EngineRemoval> RemoveAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_tags.TryGetValue(Key(reference), out ImageDigest digest))
                return Task.FromResult(EngineRemoval.Absent);
            bool last = _tags.Count(t => t.Value == digest) == 1;
            if (last && Used.Contains(digest))
                return Task.FromResult(EngineRemoval.InUse);
            _tags.Remove(Key(reference));
            if (last)
                _images.Remove(digest);
            return Task.FromResult(EngineRemoval.Removed);
        }
    }

    public Task<long> PruneCacheAsync(CancellationToken cancellationToken)
    {
        long freed = CacheBytes;
        CacheBytes = 0;
        return Task.FromResult(freed);
    }

    public Task<PushOutcome> PushAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_refusals.TryGetValue(reference.Name, out Diagnostic? why))
                return Task.FromResult<PushOutcome>(new PushOutcome.Failed(why));
            if (!_tags.TryGetValue(Key(reference), out ImageDigest digest))
                return Task.FromResult<PushOutcome>(new PushOutcome.Failed(Diagnostic.Error(DiagnosticCode.PushFailed, $"`{reference.Familiar}` was not pushed to `{reference.Domain}`")));
            _pushes.Add(reference);
            string manifest = Registry?.Put(reference, digest).ManifestDigest ?? FakeRegistry.ManifestOf(digest);
            progress.Report(new BuildProgress.Transfer(digest.Hex[..12], "Pushed", 1, 1, Done: true));
            return Task.FromResult<PushOutcome>(new PushOutcome.Pushed(manifest));
        }
    }

    public Task<PullOutcome> PullAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (RefusesPulls || Registry?.Peek(reference) is not { } image)
                return Task.FromResult<PullOutcome>(new PullOutcome.Failed(Diagnostic.Error(DiagnosticCode.PullFailed, $"`{reference.Familiar}` was not pulled from `{reference.Domain}`")));
            _pulls.Add(reference);
            _images.Add(image.Digest);
            _tags[Key(reference)] = image.Digest;
            return Task.FromResult<PullOutcome>(new PullOutcome.Pulled());
        }
    }

    private static string Key(ImageReference reference) => (reference.Tag is null ? reference.WithTag("latest") : reference).ToString();
}
