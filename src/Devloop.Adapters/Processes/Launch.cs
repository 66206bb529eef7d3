using System.Diagnostics;
using System.Text;

namespace Devloop.Adapters.Processes;

/// <summary>How a program is started in a session of its own, so that it and all that it starts are one group, which no key of a terminal reaches.</summary>
internal static class Launch
{
    /// <summary>Makes the session and becomes the program; for systems without setsid(1), such as macOS.</summary>
    private const string InPerl = "use POSIX (); POSIX::setsid(); exec { $ARGV[0] } @ARGV; print STDERR \"$ARGV[0]: $!\\n\"; POSIX::_exit(127)";

    private static readonly Lazy<string[]> Prefix = new(() =>
        OperatingSystem.IsWindows() ? []
        : Find("setsid") is { } setsid ? [setsid]
        : Find("perl") is { } perl ? [perl, "-e", InPerl]
        : []);

    /// <param name="own">False when the system has no way to it: then only the tree of parents tells what belongs together.</param>
    public static ProcessStartInfo InOwnSession(IEnumerable<string> words, out bool own)
    {
        own = Prefix.Value.Length > 0;
        string[] all = [.. Prefix.Value, .. words];
        return new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
    }

    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/bin").Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);
}
