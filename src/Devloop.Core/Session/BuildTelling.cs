using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>
/// Listens to one build: everything goes to the faces at once, and the engine hears how the steps stand a few times a second, so that a
/// build that talks much costs the loop nothing. The last standing is never lost: a timer tells what came too soon after another.
/// </summary>
internal sealed class BuildTelling(EngineEffect.StartBuild build, TimeProvider clock, Action<SideNews> tell, Action<EngineEvent> answer) : IProgress<BuildProgress>, IDisposable
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly long _began = clock.GetTimestamp();
    private BuildSteps _steps = BuildSteps.None;
    private TimeSpan? _toldAt;
    private ITimer? _timer;
    private bool _ended;

    public void Report(BuildProgress value)
    {
        tell(new SideNews.Build(build.Image.Name, value));
        lock (_lock)
        {
            TimeSpan now = clock.GetElapsedTime(_began);
            BuildSteps before = _steps;
            _steps = before.With(value, now);
            if (_ended || _timer is not null || ReferenceEquals(before, _steps))
                return;
            if (_toldAt is { } last && now - last < Apart)
                _timer = clock.CreateTimer(_ => TellLate(), null, last + Apart - now, Timeout.InfiniteTimeSpan);
            else
                Tell(now);
        }
    }

    /// <summary>How the steps stand at the end; after that the engine is told nothing more.</summary>
    public BuildSteps End()
    {
        lock (_lock)
        {
            _ended = true;
            return _steps.AtEnd();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            _timer?.Dispose();
        }
    }

    private void TellLate()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            if (!_ended)
                Tell(clock.GetElapsedTime(_began));
        }
    }

    private void Tell(TimeSpan now)
    {
        _toldAt = now;
        answer(new EngineEvent.BuildProgressed(build.Work, build.Image.Name, _steps));
    }
}
