using Devloop.Engine;
using Devloop.Session;

namespace Devloop.Cli.Terminal.Live;

/// <summary>
/// Another face's lines, which scroll up, above a block that shows what runs. The block is drawn at most ten times a second, when
/// something changed; while something is timed, once a second.
/// </summary>
public sealed class LiveFace : IFace, IDisposable
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(100), Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly IFace _lines;
    private readonly LiveScreen _screen;
    private readonly LivePicture _picture;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly long _began;
    private LiveWork _work = LiveWork.None;
    private EngineState? _state;
    private TimeSpan? _drawnAt;
    private TimeSpan? _due;
    private bool _ended;

    /// <param name="lines">Writes above the screen's block.</param>
    public LiveFace(IFace lines, LiveScreen screen, LivePicture picture, TimeProvider clock)
    {
        (_lines, _screen, _picture, _clock) = (lines, screen, picture, clock);
        _began = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Loaded(RunHeader header)
    {
        _lines.Loaded(header);
        lock (_lock)
            _work = _work with { Began = Now };
    }

    public void Tell(News news, EngineState state)
    {
        _lines.Tell(news, state);
        lock (_lock)
        {
            _state = state;
            _work = _work.With(news, Now);
            Changed();
        }
    }

    public void Tell(SideNews news)
    {
        _lines.Tell(news);
        if (news is not SideNews.Build said)
            return;
        lock (_lock)
        {
            LiveWork before = _work;
            _work = before.With(said, Now);
            if (!ReferenceEquals(before, _work))
                Changed();
        }
    }

    public void Ended(RunOutcome outcome, EngineState state, TimeSpan took)
    {
        Dispose();
        _lines.Ended(outcome, state, took);
    }

    /// <summary>The terminal has another size now.</summary>
    public void Resized()
    {
        lock (_lock)
            Changed();
    }

    /// <summary>Takes the block away; what comes later is lines only.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ended)
                return;
            _ended = true;
            _timer.Dispose();
        }
        _screen.Erase();
    }

    private TimeSpan Now => _clock.GetElapsedTime(_began);

    private void Changed()
    {
        TimeSpan now = Now;
        WakeAt(_drawnAt is { } last && last + Apart > now ? last + Apart : now, now);
    }

    private void WakeAt(TimeSpan at, TimeSpan now)
    {
        if (_ended || _due <= at)
            return;
        _due = at;
        _timer.Change(at - now, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _due = null;
            if (_ended || _state is not { } state)
                return;
            TimeSpan now = Now;
            LiveSnapshot snapshot = LiveReading.Read(state, _work);
            _screen.Draw((width, height) => _picture.Render(snapshot, width, height, now));
            _drawnAt = now;
            if (snapshot.Ticks)
                WakeAt(now + Tick, now);
        }
    }
}
