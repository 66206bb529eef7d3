using System.Globalization;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;

namespace Devloop.Cli;

/// <summary>A fault of ours: the user gets a place to look and to report, not a stack trace.</summary>
internal static class CrashReport
{
    public static int Write(Exception fault, string[] args, Consoles consoles)
    {
        string path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"devloop-crash-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt"));
        string? help = $"the report in {path} says what we need to know to mend it; it holds no secrets of yours that we know of, but look before you share it";
        try
        {
            // Only the command's words that are ours: values may be private.
            string words = string.Join(' ', args.Where(a => a.StartsWith('-') || a == args[0]).Select(a => a.Split('=')[0]));
            File.WriteAllText(path, $"devloop {VersionText.Version} on {System.Runtime.InteropServices.RuntimeInformation.OSDescription}\ncommand: devloop {words}\n\n{fault}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            help = "no report could be written to the temporary directory";
        }
        consoles.Diagnose([Diagnostic.Error(DiagnosticCode.Crash, "devloop failed by a fault of its own") with { Help = help }]);
        return ExitCode.Crash;
    }
}
