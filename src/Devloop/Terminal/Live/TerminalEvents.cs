using System.Runtime.InteropServices;

namespace Devloop.Cli.Terminal.Live;

/// <summary>What the terminal tells a process that draws on it. Windows has no such signals; the size is asked at every drawing anyway.</summary>
internal sealed class TerminalEvents : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly EventHandler _exit;

    public TerminalEvents(LiveScreen screen, LiveFace face)
    {
        // The second Ctrl-C leaves at once: the block must not stay behind.
        _exit = (_, _) => face.Dispose();
        AppDomain.CurrentDomain.ProcessExit += _exit;
        if (OperatingSystem.IsWindows())
            return;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => face.Resized()));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ =>
        {
            // The shell wrote below the block while this process was stopped.
            screen.Forget();
            face.Resized();
        }));
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= _exit;
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
