using System.Runtime.InteropServices;
using Devloop.Cli.Terminal;

namespace Devloop.Cli;

/// <summary>Ctrl-C: once stops cleanly, twice leaves at once. SIGTERM is the same as once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _soft = new();
    private readonly CancellationTokenSource _hard = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Lock _lock = new();
    private readonly Consoles _consoles;
    private Action? _stop;
    private int _times;

    public Interrupt(Consoles consoles)
    {
        _consoles = consoles;
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM })
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _soft.Token;

    /// <summary>Never cancelled by the first signal: what is told to stop may still do so cleanly.</summary>
    public CancellationToken Hard => _hard.Token;

    /// <summary>What the first signal does from now on; at once, when it has come already.</summary>
    public void Then(Action stop)
    {
        lock (_lock)
        {
            _stop = stop;
            if (_times == 0)
                return;
        }
        stop();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Action? stop;
        lock (_lock)
        {
            if (++_times > 1)
            {
                _consoles.Error.Flush();
                Environment.Exit(ExitCode.Interrupted);
            }
            stop = _stop;
        }
        _soft.Cancel();
        stop?.Invoke();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _soft.Dispose();
        _hard.Dispose();
    }
}
