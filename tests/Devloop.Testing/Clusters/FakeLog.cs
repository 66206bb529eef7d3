using System.Runtime.CompilerServices;
using Devloop.Ports;

namespace Devloop.Testing.Clusters;

/// <summary>The lines of a container, kept for those who come later. Each line is a second younger than the one before it.</summary>
internal sealed class FakeLog
{
    private static readonly DateTimeOffset Began = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<LogLine> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;
    private int _cuts;

    public void Add(string line) => Change(() => _lines.Add(new LogLine(Began.AddSeconds(_lines.Count), line)));

    public void Complete() => Change(() => _isComplete = true);

    public void Cut() => Change(() => _cuts++);

    public async IAsyncEnumerable<LogLine> FollowAsync(DateTimeOffset? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int cuts = _cuts;
        for (int next = 0; ;)
        {
            LogLine[] fresh;
            bool isComplete, isCut;
            Task more;
            lock (_gate)
                (fresh, isComplete, isCut, more) = ([.. _lines.Skip(next)], _isComplete, _cuts != cuts, _more.Task);
            foreach (LogLine line in fresh.Where(l => since is not { } from || l.At >= from))
                yield return line;
            next += fresh.Length;
            if (isCut)
                throw new ClusterException(0, "", "the connection broke");
            if (isComplete)
                yield break;
            await more.WaitAsync(cancellationToken);
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            _more.SetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
