using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Devloop.Adapters.Processes;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Processes;

public sealed class ProcessRunnerTests : ProcessRunnerContract, IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ProcessRunner _runner = new(TimeProvider.System);

    protected override IProcessRunner Runner => _runner;

    protected override string Directory => _directory.Root;

    protected override CommandWords Writing(int exit, params string[] lines) => Shell($"printf '{string.Join("\\n", lines)}'; exit {exit}");

    protected override CommandWords GoingOn(string line) => Shell($"echo {line}; sleep 300; exit 0");

    [Fact]
    public async Task A_list_of_words_meets_no_shell() =>
        (await LinesOf(new CommandWords(["echo", "$HOME", "; echo two", "'three'"], Shell: false))).ShouldBe(["$HOME ; echo two 'three'"]);

    [Fact]
    public async Task A_program_runs_in_its_directory_with_its_environment_on_top_of_devloops_own()
    {
        var order = new ProcessOrder(Shell("pwd -P; echo \"$DL_OWN ${PATH:+path}\""), Directory, ImmutableSortedDictionary<string, string>.Empty.Add("DL_OWN", "a b"));
        string[] lines = await LinesOf(order);
        lines[0].ShouldEndWith(Path.GetFileName(Directory));
        lines[1].ShouldBe("a b path");
    }

    [Fact]
    public async Task There_is_nothing_on_standard_input() => (await LinesOf(Shell("cat; echo end"))).ShouldBe(["end"]);

    [Fact]
    public async Task Lines_of_both_outputs_are_told() => (await LinesOf(Shell("echo out; echo err >&2"))).ShouldBe(["out", "err"], ignoreOrder: true);

    [Fact]
    public async Task A_program_that_is_not_there_shows_as_exit_code_127_and_says_so()
    {
        var lines = new ConcurrentQueue<string>();
        await using IRunningProcess process = Runner.Start(Order(new CommandWords(["devloop-no-such-program"], Shell: false)), lines.Enqueue);
        (await process.Exit.WaitAsync(Patience)).ShouldBe(127);
        lines.ShouldContain(l => l.Contains("devloop-no-such-program", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_is_asked_to_end_before_it_is_made_to()
    {
        var lines = new ConcurrentQueue<string>();
        var up = new TaskCompletionSource();
        IRunningProcess process = Runner.Start(Order(Shell("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 1; done")), line =>
        {
            lines.Enqueue(line);
            up.TrySetResult();
        });
        await up.Task.WaitAsync(Patience);
        await process.DisposeAsync();
        (await process.Exit).ShouldBe(7);
        lines.ShouldContain("bye");
    }

    [Fact]
    public async Task Who_does_not_listen_is_made_to_end_after_the_grace()
    {
        await using var runner = new ProcessRunner(TimeProvider.System, TimeSpan.FromMilliseconds(200));
        var up = new TaskCompletionSource();
        IRunningProcess process = runner.Start(Order(Shell("trap '' TERM; echo up; while :; do sleep 1; done")), _ => up.TrySetResult());
        await up.Task.WaitAsync(Patience);
        await process.DisposeAsync();
        (await process.Exit).ShouldBe(137);
    }

    [Fact]
    public async Task All_that_a_program_started_ends_with_it_when_it_is_ended()
    {
        string mark = Mark();
        var up = new TaskCompletionSource();
        IRunningProcess process = Runner.Start(Order(Shell($"(sh -c 'sleep 300; : {mark}' & sh -c 'sleep 300; : {mark}' &); sh -c 'echo up; sleep 300; : {mark}'")), _ => up.TrySetResult());
        await up.Task.WaitAsync(Patience);
        Alive(mark).ShouldBeGreaterThan(2);
        await process.DisposeAsync();
        Alive(mark).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_program_leaves_in_the_background_ends_with_it()
    {
        string mark = Mark();
        await using IRunningProcess process = Runner.Start(Order(Shell($"sh -c 'sleep 300; : {mark}' & exit 0")), _ => { });
        (await process.Exit.WaitAsync(Patience)).ShouldBe(0);
        Alive(mark).ShouldBe(0);
    }

    [Fact]
    public async Task Ending_a_program_in_the_moment_of_its_start_ends_it()
    {
        for (int i = 0; i < 20; i++)
        {
            IRunningProcess process = Runner.Start(Order(GoingOn("up")), _ => { });
            await process.DisposeAsync().AsTask().WaitAsync(Patience);
            process.Exit.IsCompleted.ShouldBeTrue();
        }
    }

    private async Task<string[]> LinesOf(CommandWords command) => await LinesOf(Order(command));

    private async Task<string[]> LinesOf(ProcessOrder order)
    {
        var lines = new ConcurrentQueue<string>();
        await using IRunningProcess process = Runner.Start(order, lines.Enqueue);
        (await process.Exit.WaitAsync(Patience)).ShouldBe(0);
        return [.. lines];
    }

    private static CommandWords Shell(string text) => new([text], Shell: true);

    private static string Mark() => "mark-" + Guid.NewGuid().ToString("N");

    /// <summary>How many processes have a word in their command line and run.</summary>
    private static int Alive(string word)
    {
        using Process ps = Process.Start(new ProcessStartInfo("ps", ["-eo", "stat=,args=", "-ww"]) { RedirectStandardOutput = true })!;
        return ps.StandardOutput.ReadToEnd().Split('\n').Count(l => l.Contains(word, StringComparison.Ordinal) && !l.StartsWith('Z'));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _runner.DisposeAsync();

    public void Dispose() => _directory.Dispose();
}
