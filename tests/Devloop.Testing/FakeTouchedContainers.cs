using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>A memory of containers that lives as long as itself.</summary>
public sealed class FakeTouchedContainers : ITouchedContainers
{
    private readonly ConcurrentDictionary<string, ImmutableSortedSet<TouchedFile>> _files = new(StringComparer.Ordinal);

    private static readonly Comparer<TouchedFile> Order = Comparer<TouchedFile>.Create((a, b) => a.Image.CompareTo(b.Image) is not 0 and var order ? order : string.CompareOrdinal(a.Path, b.Path));

    public ImmutableArray<TouchedFile> In(string id) => [.. _files.GetValueOrDefault(id, ImmutableSortedSet.Create<TouchedFile>(Order))];

    public void Touch(string id, IEnumerable<TouchedFile> files) => _files.AddOrUpdate(id, ImmutableSortedSet.CreateRange<TouchedFile>(Order, files), (_, known) => known.Union(files));

    public void Forget(string id) => _files.TryRemove(id, out _);
}
