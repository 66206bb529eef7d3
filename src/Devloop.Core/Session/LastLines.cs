using System.Collections.Immutable;

namespace Devloop.Session;

/// <summary>The last lines of some output. Safe for several threads.</summary>
internal sealed class LastLines
{
    private const int Most = 20;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = [];

    public ImmutableArray<string> All
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Most)
                _lines.Dequeue();
        }
    }
}
