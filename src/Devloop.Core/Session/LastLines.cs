using System.Collections.Immutable;

namespace Devloop.Session;

/// <summary>The last lines of some output. Safe for several threads.</summary>
/// <param name="longest">Signs of a line that are kept; what is cut off shows as an ellipsis.</param>
internal sealed class LastLines(int longest = int.MaxValue)
{
    /// <summary>The length of a line, in signs, that is enough beside a resource's health.</summary>
    public const int InEvidence = 500;

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
            _lines.Enqueue(line.Length > longest ? line[..longest] + "…" : line);
            if (_lines.Count > Most)
                _lines.Dequeue();
        }
    }

    public override string ToString() => string.Join('\n', All);
}
