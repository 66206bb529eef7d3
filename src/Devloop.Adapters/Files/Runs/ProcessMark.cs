using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Devloop.Adapters.Files.Runs;

/// <summary>Tells a process from a later one that got the same number: when it started, by the system's own count.</summary>
internal static class ProcessMark
{
    /// <summary>Null when no such process runs. The same text for the same process, whoever asks.</summary>
    public static string? Of(int pid)
    {
        try
        {
            return OperatingSystem.IsLinux() ? OfLinux(pid) : OfOthers(pid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// proc_pid_stat(5): the third field is the state, the 22nd the start in clock ticks since boot. The second is the program's name in
    /// parentheses and may hold anything. The time of day that .NET makes of it depends on who asks, and when.
    /// </summary>
    private static string? OfLinux(int pid)
    {
        string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        // A zombie has ended; only its parent did not look yet.
        return fields[0] is "Z" or "X" ? null : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {fields[22 - 3]}";
    }

    private static string OfOthers(int pid)
    {
        using Process process = Process.GetProcessById(pid);
        return process.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
    }
}
