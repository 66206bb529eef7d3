using System.Diagnostics;

namespace Devloop.Adapters.Tests.Support;

/// <summary>Makes named pipes, which block whoever opens them.</summary>
internal static class Pipes
{
    public static void Make(string path)
    {
        using Process process = Process.Start("mkfifo", path);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }
}
