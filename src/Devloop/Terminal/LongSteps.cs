using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Cli.Terminal;

/// <summary>
/// Tells of build steps that take their time: once a step has run for a while it is named, and from then on its output streams.
/// Steps that are over soon stay quiet.
/// </summary>
internal sealed class LongSteps(TimeProvider clock, Action<ImageName, string> named, Action<ImageName, string> wrote)
{
    private const int MostEarlyLines = 200;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<(ImageName, string), Step> _running = [];

    public void See(ImageName image, BuildProgress progress)
    {
        lock (_lock)
        {
            switch (progress)
            {
                case BuildProgress.StepStarted started:
                    var step = new Step { Name = started.Step };
                    step.Timer = clock.CreateTimer(_ => Name(image, step), null, Soon, Timeout.InfiniteTimeSpan);
                    if (_running.Remove((image, started.Id), out Step? before))
                        before.Timer?.Dispose();
                    _running[(image, started.Id)] = step;
                    break;
                case BuildProgress.StepFinished finished when _running.Remove((image, finished.Id), out Step? over):
                    over.Timer?.Dispose();
                    break;
                case BuildProgress.Output output when _running.TryGetValue((image, output.Id), out Step? speaking) && speaking.IsNamed:
                    wrote(image, output.Line);
                    break;
                case BuildProgress.Output output when _running.TryGetValue((image, output.Id), out Step? quiet) && quiet.Early.Count < MostEarlyLines:
                    quiet.Early.Add(output.Line);
                    break;
            }
        }
    }

    /// <summary>The build is over, however it ended.</summary>
    public void Forget(ImageName image)
    {
        lock (_lock)
        {
            foreach (var key in _running.Keys.Where(k => k.Item1 == image).ToArray())
            {
                _running[key].Timer?.Dispose();
                _running.Remove(key);
            }
        }
    }

    private void Name(ImageName image, Step step)
    {
        lock (_lock)
        {
            if (!_running.ContainsValue(step))
                return;
            step.IsNamed = true;
            named(image, step.Name);
            foreach (string line in step.Early)
                wrote(image, line);
            step.Early.Clear();
        }
    }

    /// <summary>The run is over.</summary>
    public void End()
    {
        lock (_lock)
        {
            foreach (Step step in _running.Values)
                step.Timer?.Dispose();
            _running.Clear();
        }
    }

    private sealed class Step
    {
        public required string Name { get; init; }

        /// <summary>What it wrote before it was named.</summary>
        public List<string> Early { get; } = [];

        public ITimer? Timer { get; set; }

        public bool IsNamed { get; set; }
    }
}
