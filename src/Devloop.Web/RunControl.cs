using Devloop.Engine;
using Devloop.Session;

namespace Devloop.Web;

/// <summary>What the API may do with a run: tell it the user's wishes, and read its logs.</summary>
public sealed class RunControl(LogStore logs)
{
    private readonly TaskCompletionSource<Action<EngineEvent>> _run = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LogStore Logs { get; } = logs;

    /// <summary>Who stopped the run wants what was deployed deleted.</summary>
    public bool DownAsked { get; internal set; }

    /// <summary>The run listens from now on; what was asked for before waits for this.</summary>
    public void Attach(Action<EngineEvent> tell) => _run.TrySetResult(tell);

    internal async Task TellAsync(EngineEvent happened, CancellationToken cancellationToken)
    {
        Action<EngineEvent> tell = await _run.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        tell(happened);
    }
}
