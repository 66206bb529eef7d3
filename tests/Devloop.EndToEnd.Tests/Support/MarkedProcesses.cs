using System.Diagnostics;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>Processes that a test knows by a word in their command line.</summary>
internal static class MarkedProcesses
{
    public static string NewMark() => "mark-" + Guid.NewGuid().ToString("N");

    /// <summary>How many of them run; what has ended and is not yet taken note of does not.</summary>
    public static async Task<int> CountAsync(string mark) =>
        (await Tool.RunAsync(new ProcessStartInfo("ps", ["-eo", "stat=,args=", "-ww"]))).Out.Split('\n').Count(l => l.Contains(mark, StringComparison.Ordinal) && !l.StartsWith('Z') && !l.Contains("devloop.dll", StringComparison.Ordinal));

    /// <summary>Waits until none of them runs.</summary>
    public static async Task GoneAsync(string mark)
    {
        CancellationToken ends = Patience.Ends();
        // Nothing tells of the end of a process that is not one's own child.
        while (await CountAsync(mark) > 0)
            await Task.Delay(100, ends);
    }
}
