using System.Diagnostics;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>What a process left behind.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error)
{
    /// <summary>Stderr says each of these.</summary>
    public Ended ShouldSay(params string[] words)
    {
        foreach (string word in words)
            Error.Contains(word, StringComparison.Ordinal).ShouldBeTrue($"stderr does not say `{word}`:\n{Error}");
        return this;
    }

    /// <summary>The last lines of stderr say each of these: what a person sees first.</summary>
    public Ended ShouldEndSaying(int lines, params string[] words)
    {
        string last = string.Join('\n', Error.TrimEnd('\n').Split('\n').TakeLast(lines));
        foreach (string word in words)
            last.Contains(word, StringComparison.Ordinal).ShouldBeTrue($"the last {lines} lines of stderr do not say `{word}`:\n{Error}");
        return this;
    }

    public Ended ShouldNotSay(params string[] words)
    {
        foreach (string word in words)
            Error.Contains(word, StringComparison.OrdinalIgnoreCase).ShouldBeFalse($"stderr says `{word}`:\n{Error}");
        return this;
    }

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
