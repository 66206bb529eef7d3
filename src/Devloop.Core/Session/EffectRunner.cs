using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;
using Devloop.Session.Live;

namespace Devloop.Session;

/// <summary>
/// Starts each effect as a task that it owns, cancels it when asked to, and awaits all of them at the end.
/// A piece of work that was cancelled answers nothing.
/// </summary>
public sealed class EffectRunner(
    ImageWork images, EngineReturn engine, ResourceDeploy? deploy, RemovalWork? removal, LeftoverRemoval? leftovers, LiveWork? live, LocalWork locals, Func<Parsed<ResolvedProject>> load, TimeProvider clock)
    : IEffectRunner, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<WorkId, CancellationTokenSource> _running = [];
    private readonly ConcurrentDictionary<Task, bool> _tasks = [];
    private readonly ConcurrentDictionary<WorkId, Task> _byWork = [];

    public void Start(EngineEffect effect, Action<EngineEvent> answer)
    {
        switch (effect)
        {
            case EngineEffect.Cancel e:
                Cancel(e.Work);
                break;
            case EngineEffect.TakeFingerprint e:
                Run(e.Work, answer, stop => images.TakeFingerprintAsync(e, stop));
                break;
            case EngineEffect.StartBuild e:
                Run(e.Work, answer, stop => images.BuildAsync(e, answer, stop));
                break;
            case EngineEffect.StartPush e:
                Run(e.Work, answer, stop => images.PushAsync(e, stop));
                break;
            case EngineEffect.StartPublish e:
                Run(e.Work, answer, stop => images.PublishAsync(e, stop));
                break;
            case EngineEffect.StartPull e:
                Run(e.Work, answer, stop => images.PullAsync(e, stop));
                break;
            case EngineEffect.StartDeploy e:
                Run(e.Work, answer, stop => (deploy ?? throw new InvalidOperationException("a run without a cluster deploys nothing")).DeployAsync(e, stop));
                break;
            case EngineEffect.StartLiveUpdate e:
                Run(e.Work, answer, stop => (live ?? throw new InvalidOperationException("a run without containers changes none")).UpdateAsync(e, stop));
                break;
            case EngineEffect.ReplacePod e:
                Run(e.Work, answer, stop => (live ?? throw new InvalidOperationException("a run without containers changes none")).ReplaceAsync(e, stop));
                break;
            case EngineEffect.RemoveResource e:
                Task before = _byWork.GetValueOrDefault(e.After, Task.CompletedTask);
                Run(e.Work, answer, async stop =>
                {
                    // What a cancelled deploy has begun must not come after the deletion.
                    await before.ConfigureAwait(false);
                    return await (removal ?? throw new InvalidOperationException("a run without a cluster removes nothing")).RunAsync(e, stop).ConfigureAwait(false);
                });
                break;
            case EngineEffect.RemoveLeftovers e:
                Run(e.Work, answer, stop => (leftovers ?? throw new InvalidOperationException("a run without a cluster removes nothing")).RemoveAsync(e, stop));
                break;
            case EngineEffect.LookAtLocal e:
                Run(e.Work, answer, stop => locals.LookAsync(e, stop));
                break;
            case EngineEffect.StartLocal e:
                Run(e.Work, answer, stop => locals.RunAsync(e, stop));
                break;
            case EngineEffect.StopLocal e:
                locals.Stop(e.Resource);
                break;
            case EngineEffect.LoadProject e:
                Run(e.Work, answer, _ => Task.FromResult<EngineEvent>(new EngineEvent.ProjectLoaded(e.Work, load())));
                break;
            case EngineEffect.AwaitEngine e:
                Run(e.Work, answer, stop => engine.AwaitAsync(e, stop));
                break;
            case EngineEffect.WakeAfter e:
                Run(WorkId.None, answer, async stop =>
                {
                    long began = clock.GetTimestamp();
                    await Task.Delay(e.Time, clock, stop).ConfigureAwait(false);
                    // Timers count in ticks of the system and may be one early, which would be a wake for nothing.
                    while (clock.GetElapsedTime(began) < e.Time)
                        await Task.Delay(TimeSpan.FromMilliseconds(1), clock, stop).ConfigureAwait(false);
                    return new EngineEvent.Woke(e.Resource);
                });
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"no runner for {effect.GetType().Name}");
        }
    }

    private void Cancel(WorkId work)
    {
        if (!_running.TryGetValue(work, out CancellationTokenSource? running))
            return;
        try
        {
            running.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in this very moment; its answer carries an id that nobody waits for.
        }
    }

    /// <summary>The faults of our own: work that ended with an exception nobody expected. Completes when there is one.</summary>
    public Task<Exception> Fault => _fault.Task;

    private readonly TaskCompletionSource<Exception> _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Run(WorkId work, Action<EngineEvent> answer, Func<CancellationToken, Task<EngineEvent>> start)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        if (work != WorkId.None)
            _running[work] = stop;
        Task task = Task.Run(async () =>
        {
            try
            {
                EngineEvent said = await start(stop.Token).ConfigureAwait(false);
                if (!stop.IsCancellationRequested)
                    answer(said);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Nobody waits for it any more.
            }
            catch (Exception e)
            {
                _fault.TrySetResult(e);
            }
            finally
            {
                _running.TryRemove(new KeyValuePair<WorkId, CancellationTokenSource>(work, stop));
                stop.Dispose();
            }
        });
        _tasks[task] = true;
        if (work != WorkId.None)
            _byWork[work] = task;
        _ = task.ContinueWith(t => _tasks.TryRemove(t, out _) && _byWork.TryRemove(new KeyValuePair<WorkId, Task>(work, t)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_tasks.Keys).ConfigureAwait(false);
        _stop.Dispose();
    }
}
