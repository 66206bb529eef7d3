using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Files.Watching;

/// <summary>Says that files cannot be watched, mostly for a limit, and how to mend it (DL5006).</summary>
internal static class WatchLimit
{
    /// <summary>ENOSPC of inotify_add_watch(2).</summary>
    public static FileWatchException Watches(string directory) => Reached(
        $"`{directory}` cannot be watched: the user's limit of watched directories is reached",
        "`sudo sysctl fs.inotify.max_user_watches=524288` raises the limit; a line in /etc/sysctl.d keeps it");

    /// <summary>EMFILE of inotify_init1(2).</summary>
    public static FileWatchException Instances() => Reached(
        "no files can be watched: the user's limit of watchers is reached",
        "`sudo sysctl fs.inotify.max_user_instances=512` raises the limit; a line in /etc/sysctl.d keeps it");

    /// <summary>Any other failure of a system call.</summary>
    public static FileWatchException Failed(string call, int error) => Reached(
        $"no files can be watched: `{call}` failed with error {error}",
        "a restart of devloop starts the watch anew; `errno` lists what the number means");

    private static FileWatchException Reached(string message, string help) =>
        new(Diagnostic.Error(DiagnosticCode.WatchLimit, message) with { Help = help });
}
