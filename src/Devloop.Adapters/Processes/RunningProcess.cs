using System.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Processes;

/// <summary>A program that runs. When it ends, what it left in its group ends with it.</summary>
internal sealed class RunningProcess : IRunningProcess
{
    /// <summary>How long its output may stay open after its end: a daemon that left the group may hold it for ever.</summary>
    private static readonly TimeSpan LateOutput = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly ProcessGroup? _group;
    private readonly GroupGuard _guard;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _grace;
    private readonly Task _reading;

    public RunningProcess(Process process, ProcessGroup? group, GroupGuard guard, TimeProvider clock, TimeSpan grace, Action<string> output)
    {
        (_process, _group, _guard, _clock, _grace) = (process, group, guard, clock, grace);
        if (group is { } own)
            guard.Add(own);
        process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, output));
        Exit = WaitAsync();
    }

    public Task<int> Exit { get; }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        int code = _process.ExitCode;
        if (_group is { } group)
        {
            await group.EndAsync(_grace, _clock, () => true).ConfigureAwait(false);
            _guard.Remove(group);
        }
        await Task.WhenAny(_reading, Task.Delay(LateOutput, _clock)).ConfigureAwait(false);
        return code;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> output)
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
                output(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The program is over, and who held its output with it is nobody of ours.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            if (_group is { } group)
                await group.EndAsync(_grace, _clock, () => _process.HasExited).ConfigureAwait(false);
            else
                KillTree();
        }
        await Exit.ConfigureAwait(false);
        _process.Dispose();
    }

    private void KillTree()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended in this very moment.
        }
    }
}
