namespace Devloop.Testing;

/// <summary>A clock that stands still until a test lets time pass; timers that come due meanwhile fire in order.</summary>
public sealed class FakeClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until so many timers are set that come due within a time.</summary>
    public async Task UntilTimersAsync(int count, TimeSpan within)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_timers.Count(t => t.Due <= _now + within) >= count)
                    return;
                change = _set.Task;
            }
            await change.ConfigureAwait(false);
        }
    }

    public void Advance(TimeSpan time)
    {
        DateTimeOffset until = GetUtcNow() + time;
        while (true)
        {
            Timer? due;
            lock (_lock)
            {
                due = _timers.Where(t => t.Due <= until).MinBy(t => t.Due);
                _now = due?.Due ?? until;
                if (due is null)
                    return;
                _timers.Remove(due);
            }
            due.Fire();
        }
    }

    private sealed class Timer(FakeClock clock, Action fire) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                _period = period;
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock._now + dueTime;
                clock._timers.Add(this);
                clock._set.TrySetResult();
                clock._set = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return true;
            }
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
                Change(_period, _period);
            fire();
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
