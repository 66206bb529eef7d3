using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Processes in memory. What a command does is written down before, or decided by the test while it runs.</summary>
public sealed class FakeProcessRunner : IProcessRunner
{
    private readonly Lock _lock = new();
    private readonly List<FakeProcess> _started = [];
    private readonly Dictionary<string, (ImmutableArray<string> Lines, int? Exit)> _scripts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All that were started, in order.</summary>
    public ImmutableArray<FakeProcess> Started
    {
        get
        {
            lock (_lock)
                return [.. _started];
        }
    }

    /// <summary>Those that have not ended.</summary>
    public ImmutableArray<FakeProcess> Running => [.. Started.Where(p => !p.Exit.IsCompleted)];

    /// <summary>From now on a command writes these lines and ends; without an exit code it goes on until it is stopped.</summary>
    public FakeProcessRunner On(string command, int? exit, params string[] lines)
    {
        lock (_lock)
            _scripts[command] = ([.. lines], exit);
        return this;
    }

    /// <summary>A directory that is not there.</summary>
    public void Without(string directory)
    {
        lock (_lock)
            _missing.Add(directory);
    }

    public IRunningProcess Start(ProcessOrder order, Action<string> output)
    {
        lock (_lock)
        {
            if (_missing.Contains(order.Directory))
                throw new ProcessStartException($"there is no directory {order.Directory}");
            var process = new FakeProcess(order, output);
            _started.Add(process);
            if (_scripts.TryGetValue(order.Command.ToString(), out var script))
            {
                foreach (string line in script.Lines)
                    process.Write(line);
                if (script.Exit is { } code)
                    process.End(code);
            }
            _more.TrySetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return process;
        }
    }

    /// <summary>Waits until a command was started so often; gives the last of them.</summary>
    public async Task<FakeProcess> StartedAsync(string command, int times = 1)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                FakeProcess[] found = [.. _started.Where(p => p.Order.Command.ToString() == command)];
                if (found.Length >= times)
                    return found[times - 1];
                more = _more.Task;
            }
            await more.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }
}

public sealed class FakeProcess(ProcessOrder order, Action<string> output) : IRunningProcess
{
    /// <summary>128 and SIGTERM.</summary>
    private const int Stopped = 143;

    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProcessOrder Order { get; } = order;

    public Task<int> Exit => _exit.Task;

    /// <summary>It was ended by who started it, while it ran.</summary>
    public bool WasStopped { get; private set; }

    public void Write(string line) => output(line);

    public void End(int code) => _exit.TrySetResult(code);

    public ValueTask DisposeAsync()
    {
        WasStopped |= _exit.TrySetResult(Stopped);
        return ValueTask.CompletedTask;
    }
}
