using Devloop.Diagnostics;

namespace Devloop.Adapters.Files;

/// <summary>The system allows no more watches; <see cref="Diagnostic"/> says how to mend it (DL5006).</summary>
public sealed class WatchLimitException : IOException
{
    private WatchLimitException(string message, string help) : base(message) =>
        Diagnostic = Diagnostic.Error(DiagnosticCode.WatchLimit, message) with { Help = help };

    public Diagnostic Diagnostic { get; }

    /// <summary>ENOSPC of inotify_add_watch(2).</summary>
    internal static WatchLimitException Watches(string directory) => new(
        $"`{directory}` cannot be watched: the user's limit of watched directories is reached",
        "`sudo sysctl fs.inotify.max_user_watches=524288` raises the limit; a line in /etc/sysctl.d keeps it");

    /// <summary>EMFILE of inotify_init1(2).</summary>
    internal static WatchLimitException Instances() => new(
        "no files can be watched: the user's limit of watchers is reached",
        "`sudo sysctl fs.inotify.max_user_instances=512` raises the limit; a line in /etc/sysctl.d keeps it");
}
