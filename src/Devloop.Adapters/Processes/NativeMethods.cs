using System.Runtime.InteropServices;

namespace Devloop.Adapters.Processes;

/// <summary>What .NET does not offer: a signal to a group of processes. Each import names the man page it follows.</summary>
internal static partial class NativeMethods
{
    public const int Terminate = 15; // SIGTERM
    public const int KillNow = 9;    // SIGKILL

    /// <summary>kill(2); a negative id is a group, signal 0 asks whether there is somebody.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);
}
