using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>A history in memory.</summary>
public sealed class FakeBuildHistory : IBuildHistory
{
    private readonly ConcurrentDictionary<(string, ImageName), BuildRecord> _records = [];

    public IEnumerable<BuildRecord> All => _records.Values;

    public BuildRecord? Last(string project, ImageName image) => _records.GetValueOrDefault((project, image));

    public void Record(string project, ImageName image, BuildRecord record) => _records[(project, image)] = record;
}
