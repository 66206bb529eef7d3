using Devloop.Config;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>What a local command serves, from its start to its end: the process, and whether it is ready.</summary>
internal sealed class Serving : IAsyncDisposable
{
    private readonly World _world;
    private readonly ProcessOrder _order;
    private readonly ReadinessProbe? _readiness;
    private readonly Action<Health> _tell;
    private readonly IRunningProcess _process;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private readonly LastLines _last = new(LastLines.InEvidence);
    private readonly Lock _lock = new();
    private Health _health;
    private bool _isConfirmed;

    /// <summary>Starts it. Throws <see cref="ProcessStartException"/>.</summary>
    /// <param name="tell">Is told how it does, once that was asked for.</param>
    public Serving(World world, string root, LocalCommand local, CommandWords serve, Action<string> write, Action<Health> tell)
    {
        (_world, _readiness, _tell) = (world, local.Readiness, tell);
        _order = new ProcessOrder(serve, ProjectPath.Absolute(root, local.ServeDirectory), local.ServeEnvironment);
        _health = _readiness is null ? Started : NotReady("started");
        _process = world.Processes!.Start(_order, line =>
        {
            _last.Add(line);
            write(line);
        });
        _watching = WatchAsync(_stop.Token);
    }

    /// <summary>Nothing but its process says so.</summary>
    private static Health Started => new Health.Ready(1, 1) { Text = "serving", Probed = false };

    private static Health Ready => new Health.Ready(1, 1) { Text = "serving" };

    private static Health.Progressing NotReady(string why) => new(0, 1, why, []);

    /// <summary>Tells how it does, and every change from now on.</summary>
    public void Confirm()
    {
        lock (_lock)
        {
            _isConfirmed = true;
            _tell(_health);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task asking = _readiness is null ? Task.CompletedTask : AskAsync(_readiness, over.Token);
        try
        {
            int code = await _process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
            // First the questions end, then it is told: no later answer covers the end.
            await over.CancelAsync().ConfigureAwait(false);
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Is(new Health.Failed($"it ended with exit code {code}", []) { Final = true, LastOutput = _last.ToString() });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(ReadinessProbe probe, CancellationToken cancellationToken)
    {
        if (probe.InitialDelay > TimeSpan.Zero)
            await Task.Delay(probe.InitialDelay, _world.Clock, cancellationToken).ConfigureAwait(false);
        int good = 0, bad = 0;
        bool ready = false;
        while (true)
        {
            string? why = await AnswerAsync(probe, cancellationToken).ConfigureAwait(false);
            (good, bad) = why is null ? (good + 1, 0) : (0, bad + 1);
            if (!ready && good >= probe.SuccessThreshold)
                Is(Ready);
            else if (why is not null && (!ready || bad >= probe.FailureThreshold))
                Is(NotReady(why));
            ready = good >= probe.SuccessThreshold || (ready && bad < probe.FailureThreshold);
            await Task.Delay(probe.Period, _world.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string?> AnswerAsync(ReadinessProbe probe, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(probe.Timeout, _world.Clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return probe.Check switch
            {
                ReadinessCheck.Http http => await _world.Probe!.AskAsync(http, limit.Token).ConfigureAwait(false),
                ReadinessCheck.Tcp tcp => await _world.Probe!.AskAsync(tcp, limit.Token).ConfigureAwait(false),
                ReadinessCheck.Exec exec => await ExecAsync(exec, limit.Token).ConfigureAwait(false),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }

    private async Task<string?> ExecAsync(ReadinessCheck.Exec exec, CancellationToken cancellationToken)
    {
        try
        {
            await using IRunningProcess process = _world.Processes!.Start(_order with { Command = exec.Command }, _ => { });
            int code = await process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
            return code == 0 ? null : $"`{exec.Command}` ended with exit code {code}";
        }
        catch (ProcessStartException e)
        {
            return $"`{exec.Command}` cannot be started: {e.Reason}";
        }
    }

    private void Is(Health health)
    {
        lock (_lock)
        {
            if (_health == health || (_health is Health.Progressing a && health is Health.Progressing b && a.Reason == b.Reason))
                return;
            _health = health;
            if (_isConfirmed)
                _tell(health);
        }
    }

    /// <summary>Ends the process with all that it started; from now on nothing is told.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }
}
