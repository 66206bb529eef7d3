using System.Runtime.CompilerServices;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session.Logs;

/// <summary>
/// What one container writes, each line once, whatever happens to the connection meanwhile. A stream ends when the container does, but
/// also when a server on the way is restarted: only one that was opened after the container had ended is whole.
/// </summary>
internal sealed class ContainerLog(ICluster cluster, TimeProvider clock, ResourceName resource, string @namespace, string pod, string podUid, string container, DateTimeOffset? since, bool previous)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    /// <summary>Refusals in a row after which a container that ended is given up.</summary>
    private const int MostRefusals = 5;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ResourceName Resource => resource;

    public string Pod => pod;

    public string PodUid => podUid;

    public string Container => container;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>The container runs no more, or its pod has gone; from any thread.</summary>
    public void Ended() => _ended.TrySetResult();

    /// <summary>Every line, in order, until the container has ended or what is left of it cannot be read.</summary>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = new LogCursor(since);
        TimeSpan pause = FirstPause;
        for (int refusals = 0; ;)
        {
            bool whole = _ended.Task.IsCompleted;
            bool refused = false;
            cursor.Reopen();
            await using IAsyncEnumerator<LogLine> lines = cluster.LogsAsync(@namespace, pod, container, cursor.Since, previous, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await lines.MoveNextAsync().ConfigureAwait(false))
                        break;
                }
                catch (ClusterException e)
                {
                    // What is not there, or not allowed, will not come by asking again.
                    if (e.Status is >= 400 and < 500 and not 429)
                        yield break;
                    refused = true;
                    break;
                }
                pause = FirstPause;
                if (cursor.Takes(lines.Current))
                    yield return lines.Current.Text;
            }
            refusals = refused ? refusals + 1 : 0;
            if (whole && (!refused || refusals >= MostRefusals))
                yield break;
            if (!_ended.Task.IsCompleted || refused)
                await PauseAsync(pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Until it is worth asking again: at the latest after a while, at once when the container is known to have ended.</summary>
    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task waiting = Task.Delay(pause, clock, over.Token);
        if (_ended.Task.IsCompleted)
            await waiting.ConfigureAwait(false);
        else
            await Task.WhenAny(waiting, _ended.Task).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
