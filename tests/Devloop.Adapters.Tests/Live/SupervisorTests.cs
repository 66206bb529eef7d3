using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Devloop.Adapters.LiveHelper;
using Devloop.Adapters.Tests.Support;

namespace Devloop.Adapters.Tests.Live;

/// <summary>The helper as a process of this machine: what it does with its program, whatever that does.</summary>
public sealed class SupervisorTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly List<Process> _started = [];
    private readonly string _name = Guid.NewGuid().ToString("N")[..8];

    public SupervisorTests()
    {
        File.WriteAllBytes(Helper, (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? HelperBinaries.Load().Arm64 : HelperBinaries.Load().Amd64).ToArray());
        LetAllRead(Helper);
    }

    private string Helper => _files["helper"];

    public void Dispose()
    {
        foreach (Process process in _started)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        _files.Dispose();
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("exit 0", 0)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -SEGV $$", 139)]
    public async Task The_end_of_the_program_is_its_own_end(string script, int code) => (await EndAsync(Run("sh", "-c", script))).ShouldBe(code);

    [Theory]
    [InlineData("/no/such/program", 127)]
    [InlineData("no-such-program", 127)]
    [InlineData("/etc/passwd", 126)]
    public async Task What_cannot_be_executed_ends_it_as_a_shell_would(string program, int code) => (await EndAsync(Run(program))).ShouldBe(code);

    [Fact]
    public async Task The_program_gets_its_words_and_its_environment_as_they_are()
    {
        Process run = Run("printenv", "WORD");
        (await run.StandardOutput.ReadLineAsync()).ShouldBe("two  words");
        (await EndAsync(Run("sh", "-c", "[ $# = 2 ] && [ \"$2\" = 'a b' ]", "sh", "", "a b"))).ShouldBe(0);
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("INT", 2)]
    [InlineData("QUIT", 3)]
    [InlineData("HUP", 1)]
    [InlineData("USR1", 10)]
    [InlineData("USR2", 12)]
    [InlineData("WINCH", 28)]
    public async Task Signals_reach_the_program(string signal, int number)
    {
        Process run = Run("sh", "-c", $"trap 'exit 40' {signal}; echo up; while true; do sleep 0.05; done");
        (await run.StandardOutput.ReadLineAsync()).ShouldBe("up");
        Kill(run.Id, number);
        (await EndAsync(run)).ShouldBe(40);
    }

    [Fact]
    public async Task A_restart_asks_the_program_to_end_and_starts_it_again()
    {
        Process run = Run("sh", "-c", "trap 'echo term; exit 0' TERM; echo up $$ $WORD; while true; do sleep 0.05; done");
        string first = (await run.StandardOutput.ReadLineAsync())!;

        (await RestartAsync()).ShouldBe(0);

        (await run.StandardOutput.ReadLineAsync()).ShouldBe("term");
        string second = (await run.StandardOutput.ReadLineAsync())!;
        (first.EndsWith("two words", StringComparison.Ordinal), second.EndsWith("two words", StringComparison.Ordinal), first == second).ShouldBe((true, true, false));
        (await RestartAsync()).ShouldBe(0);
        run.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_program_that_does_not_listen_is_killed_with_all_that_it_started()
    {
        Process run = Run(["--grace", "200"], "sh", "-c", "trap '' TERM; (while true; do sleep 0.05; done) & echo $!; wait; while true; do sleep 0.05; done");
        int below = int.Parse((await run.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);

        (await RestartAsync()).ShouldBe(0);

        Directory.Exists($"/proc/{below}").ShouldBeFalse();
        int.Parse((await run.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture).ShouldNotBe(below);
    }

    [Fact]
    public async Task Orphans_are_reaped()
    {
        // The shell in between ends at once: what it started becomes the supervisor's, and so does its end.
        Process run = Run("sh", "-c", "sh -c 'sleep 0.01 & echo $!'; while true; do sleep 0.05; done");
        string orphan = (await run.StandardOutput.ReadLineAsync())!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Directory.Exists($"/proc/{orphan}"))
            await Task.Delay(10, patience.Token);
        run.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_program_that_is_gone_at_its_restart_is_told_and_ends_the_supervisor()
    {
        File.Copy("/bin/sleep", _files["program"]);
        Process run = Run(_files["program"], "1000");
        // It answers once its program was executed.
        (await RestartAsync()).ShouldBe(0);
        File.Delete(_files["program"]);

        (await RestartAsync()).ShouldBe(88);

        (await EndAsync(run)).ShouldBe(127);
    }

    [Fact]
    public async Task Nobody_answers_under_another_name() => (await EndAsync(Start(Helper, "restart", "other-" + _name))).ShouldBe(87);

    [Fact]
    public async Task Another_user_is_not_heard()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        Process run = Run("sh", "-c", "echo up; exec sleep 1000");
        await run.StandardOutput.ReadLineAsync();
        LetAllRead(_files.Root);

        (await EndAsync(Start("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Helper, "restart", _name))).ShouldBe(88);

        run.HasExited.ShouldBeFalse();
    }

    private static void LetAllRead(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
    }

    private Process Run(params string[] words) => Run([], words);

    private Process Run(string[] options, params string[] words) => Start([Helper, "run", _name, .. options, "--", .. words]);

    private async Task<int> RestartAsync()
    {
        // The supervisor listens before it starts its program, but a test may be quicker than it.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            int code = await EndAsync(Start(Helper, "restart", _name));
            if (code != 87)
                return code;
            await Task.Delay(10, patience.Token);
        }
    }

    private Process Start(params string[] words)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["WORD"] = "two  words";
        Process process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    private static async Task<int> EndAsync(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int KillProcess(int process, int signal);

    private static void Kill(int process, int signal) => KillProcess(process, signal).ShouldBe(0);
}
