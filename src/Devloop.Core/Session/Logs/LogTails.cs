using System.Collections.Concurrent;

namespace Devloop.Session.Logs;

/// <summary>The last lines of containers, by pod and container: what tells best why one ended.</summary>
internal sealed class LogTails
{
    private readonly ConcurrentDictionary<(string Pod, string Container), Pair> _tails = [];

    /// <summary>The tail of an instance that begins.</summary>
    public LogTail Begin(string pod, string container)
    {
        Pair pair = _tails.GetOrAdd((pod, container), _ => new Pair());
        var tail = new LogTail(t => pair.Ended = t);
        pair.Current = tail;
        return tail;
    }

    public string Of(string pod, string container)
    {
        if (!_tails.TryGetValue((pod, container), out Pair? pair))
            return "";
        return pair.Ended is { IsEmpty: false } ended ? ended.ToString() : pair.Current?.ToString() ?? "";
    }

    private sealed class Pair
    {
        public LogTail? Current { get; set; }

        public LogTail? Ended { get; set; }
    }
}

/// <summary>The last lines of one instance of a container.</summary>
internal sealed class LogTail(Action<LogTail> ended)
{
    private readonly LastLines _lines = new(LastLines.InEvidence);

    public bool IsEmpty => _lines.All.IsEmpty;

    public void Add(string line) => _lines.Add(line);

    /// <summary>The instance ended: from now on it is the one that counts.</summary>
    public void End() => ended(this);

    public override string ToString() => _lines.ToString();
}
