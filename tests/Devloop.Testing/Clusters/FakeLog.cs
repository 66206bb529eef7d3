using System.Runtime.CompilerServices;

namespace Devloop.Testing.Clusters;

/// <summary>The lines of a container, kept for those who come later.</summary>
internal sealed class FakeLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;

    public void Add(string line) => Change(() => _lines.Add(line));

    public void Complete() => Change(() => _isComplete = true);

    public async IAsyncEnumerable<string> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int next = 0; ;)
        {
            string[] fresh;
            bool isComplete;
            Task more;
            lock (_gate)
                (fresh, isComplete, more) = ([.. _lines.Skip(next)], _isComplete, _more.Task);
            foreach (string line in fresh)
                yield return line;
            next += fresh.Length;
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
