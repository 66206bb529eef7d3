using System.Globalization;

namespace Devloop.Adapters.Processes;

/// <summary>A program with all that it started, as far as that did not make a group of its own; known by the id of the program.</summary>
internal readonly record struct ProcessGroup(int Id)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5), LastLook = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks all of it to end, and after the grace ends what is still there.</summary>
    /// <param name="isOver">Whether the program itself has ended; it makes the group only after its start.</param>
    public async Task EndAsync(TimeSpan grace, TimeProvider clock, Func<bool> isOver)
    {
        if (isOver() && IsEmpty())
            return;
        Signal(NativeMethods.Terminate, isOver);
        long began = clock.GetTimestamp();
        // Nothing tells when a group has become empty.
        for (TimeSpan pause = FirstLook; clock.GetElapsedTime(began) < grace; pause = pause * 2 < LastLook ? pause * 2 : LastLook)
        {
            await Task.Delay(pause, clock).ConfigureAwait(false);
            if (isOver() && IsEmpty())
                return;
        }
        Signal(NativeMethods.KillNow, isOver);
    }

    private void Signal(int signal, Func<bool> isOver)
    {
        if (NativeMethods.Kill(-Id, signal) != 0 && !isOver())
            _ = NativeMethods.Kill(Id, signal);
    }

    /// <summary>
    /// Nobody of it runs. What has ended and is not yet taken note of still counts for kill(2); in containers whose first process takes
    /// note of nothing that is for ever, so the process table is asked.
    /// </summary>
    private bool IsEmpty() => NativeMethods.Kill(-Id, 0) != 0 || (OperatingSystem.IsLinux() && !IsInTable());

    private bool IsInTable()
    {
        string id = Id.ToString(CultureInfo.InvariantCulture);
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(directory["/proc/".Length]))
                continue;
            try
            {
                // proc(5): the id, the name in parentheses, the state, the parent, the group.
                string stat = File.ReadAllText(directory + "/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[2] == id && fields[0] is not ("Z" or "X"))
                    return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended between the two looks.
            }
        }
        return false;
    }
}
