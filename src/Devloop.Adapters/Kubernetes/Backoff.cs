namespace Devloop.Adapters.Kubernetes;

/// <summary>Waits that double up to a limit, each with jitter, so that many clients do not come back at the same moment.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? _step;

    public void Reset() => _step = null;

    /// <summary>Between half and the whole of the step.</summary>
    public TimeSpan Next()
    {
        TimeSpan step = _step ?? first;
        _step = TimeSpan.FromTicks(Math.Min(step.Ticks * 2, longest.Ticks));
        return step * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
