using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Keys and digests in memory.</summary>
public sealed class FakeKeyStore : IKeyStore
{
    private readonly ConcurrentDictionary<ContentKey, ImageDigest> _digests = new();

    public ImageDigest? Find(ContentKey key) => _digests.TryGetValue(key, out ImageDigest digest) ? digest : null;

    public ImageDigest Record(ContentKey key, ImageDigest digest, ImageDigest? replaces = null) =>
        _digests.AddOrUpdate(key, digest, (_, first) => first == replaces ? digest : first);
}
