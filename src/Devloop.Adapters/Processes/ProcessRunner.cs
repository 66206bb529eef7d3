using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Processes;

/// <summary>Runs programs, each in a session of its own. Disposing it comes after all that it started has ended.</summary>
/// <param name="grace">How long a program has to end by itself when it is asked to; null: 5 seconds.</param>
public sealed class ProcessRunner(TimeProvider clock, TimeSpan? grace = null) : IProcessRunner, IAsyncDisposable
{
    private static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(5);

    private readonly GroupGuard _guard = new();

    public IRunningProcess Start(ProcessOrder order, Action<string> output)
    {
        if (!Directory.Exists(order.Directory))
            throw new ProcessStartException($"there is no directory {order.Directory}");
        ProcessStartInfo start = Launch.InOwnSession(WordsOf(order), out bool own);
        start.WorkingDirectory = order.Directory;
        foreach ((string name, string value) in order.Environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new ProcessStartException(e.NativeErrorCode == NoSuchFile ? $"there is no program {order.Command.Words[0]}" : "the system refuses it", e);
        }
        return new RunningProcess(process, own ? new ProcessGroup(process.Id) : null, _guard, clock, grace ?? UsualGrace, output);
    }

    /// <summary>ENOENT, and ERROR_FILE_NOT_FOUND of Windows.</summary>
    private const int NoSuchFile = 2;

    private static ImmutableArray<string> WordsOf(ProcessOrder order) =>
        !order.Command.Shell ? order.Command.Words
        : OperatingSystem.IsWindows() ? ["cmd", "/c", order.Command.Words[0]]
        : ["/bin/sh", "-c", order.Command.Words[0]];

    public ValueTask DisposeAsync() => _guard.DisposeAsync();
}
