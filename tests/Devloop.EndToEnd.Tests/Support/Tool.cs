using System.Diagnostics;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>What a process left behind.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error)
{
    /// <summary>The last lines of stderr: what a person sees first.</summary>
    public string LastLines(int count = 12) => string.Join('\n', Error.TrimEnd('\n').Split('\n').TakeLast(count));

    public Ended ShouldExitWith(int code)
    {
        ExitCode.ShouldBe(code, $"stdout:\n{Out}\nstderr:\n{Error}");
        return this;
    }
}

/// <summary>Runs a command to its end.</summary>
internal static class Tool
{
    public static async Task<Ended> RunAsync(ProcessStartInfo start, string input = "")
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(Patience.Ends());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"`{start.FileName} {string.Join(' ', start.ArgumentList)}` does not end; stdout:\n{await output}\nstderr:\n{await error}");
        }
        return new Ended(process.ExitCode, await output, await error);
    }

    /// <summary>The command's stdout; a failure fails the test.</summary>
    public static async Task<string> OutputAsync(string command, params string[] arguments) =>
        (await RunAsync(new ProcessStartInfo(command, arguments))).ShouldExitWith(0).Out;
}
