using System.Collections.Immutable;
using Devloop.Adapters.Tests.Kubernetes;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Session.Live;

namespace Devloop.Adapters.Tests.Live;

/// <summary>What happens in a container after its files were changed.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class RunsAndRestartTests(LiveCluster test) : IDisposable
{
    private readonly LiveFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("engine")]
    [InlineData("pods")]
    public async Task Commands_run_after_the_files_as_the_container_itself_and_are_heard_line_by_line(string way)
    {
        ContainerPlace place = await ToolsAsync();
        var heard = new List<(string, bool)>();

        (await Transfer(way).UpdateAsync(new ContainerUpdate
        {
            Place = place,
            Entries = [_files.File("/app/said", $"of {way}\n")],
            Runs = [Text("cat /app/said; pwd; echo no good >&2"), new CommandWords(["printf", "%s\\n", "$HOME  two"], Shell: false), Text("printf unended")],
            Output = (line, isError) => { lock (heard) heard.Add((line, isError)); },
        }, TestCluster.Soon())).ShouldBeOfType<ContainerUpdateOutcome.Updated>();

        heard.ShouldBe([($"of {way}", false), ("/", false), ("no good", true), ("$HOME  two", false), ("unended", false)], ignoreOrder: true);
        heard[^1].ShouldBe(("unended", false));
    }

    [Theory]
    [InlineData("engine")]
    [InlineData("pods")]
    public async Task A_command_that_fails_ends_the_update_with_its_last_lines_and_without_a_restart(string way)
    {
        ContainerPlace place = await ToolsAsync();
        ContainerUpdateOutcome outcome = await Transfer(way).UpdateAsync(
            new ContainerUpdate { Place = place, Entries = [_files.File("/app/x", "x")], Runs = [Text("echo because; exit 3"), Text("touch /app/never")], Restart = true }, TestCluster.Soon());

        ContainerUpdateOutcome.RunFailed failed = outcome.ShouldBeOfType<ContainerUpdateOutcome.RunFailed>();
        (failed.ExitCode, failed.Why.Code, failed.Why.Message).ShouldBe((3, DiagnosticCode.RunInContainerFailed, $"`echo because; exit 3` failed in container `main` of pod `{place.Pod}`: exit code 3"));
        failed.Why.Notes.ShouldBe(["│ because"]);
        (await LiveCluster.TreeAsync(place, "/app")).Keys.ShouldNotContain("/app/never");
    }

    [Theory]
    [InlineData("engine")]
    [InlineData("pods")]
    public async Task A_container_without_a_shell_says_so(string way)
    {
        ContainerPlace place = await test.SharedAsync("mounted", () => test.RunAsync("mounted", LiveCluster.Bare, helper: true));
        ContainerUpdateOutcome outcome = await Transfer(way).UpdateAsync(new ContainerUpdate { Place = place, Runs = [Text("npm install")] }, TestCluster.Soon());
        ContainerUpdateOutcome.RunFailed failed = outcome.ShouldBeOfType<ContainerUpdateOutcome.RunFailed>();
        failed.Why.Message.ShouldBe($"`npm install` cannot be run in container `main` of pod `{place.Pod}`: it has no `/bin/sh`");
    }

    [Theory]
    [InlineData("engine", true)]
    [InlineData("engine", false)]
    [InlineData("pods", true)]
    [InlineData("pods", false)]
    public async Task The_process_starts_again_in_the_same_container_with_the_new_files(string way, bool withRuns)
    {
        string name = $"restart-{way}-{(withRuns ? "runs" : "plain")}";
        ContainerPlace place = await test.RunAsync(name, LiveCluster.Tools, helper: true,
            // Kubernetes makes one dollar sign of two.
            command: [HelperPath, "run", "main", "--", "/bin/sh", "-c", "echo \"$$$$ $WORD $(cat /app/version)\" >> /log; trap 'echo term >> /log; exit 0' TERM; while true; do sleep 0.1; done"],
            container: c => c["env"] = new System.Text.Json.Nodes.JsonArray(Testing.Clusters.Json.Parse("""{"name": "WORD", "value": "kept"}""")));

        (await Transfer(way).UpdateAsync(new ContainerUpdate { Place = place, Entries = [_files.File("/app/version", "2")], Runs = withRuns ? [Text("echo run >> /log")] : [], Restart = true }, TestCluster.Soon()))
            .ShouldBeOfType<ContainerUpdateOutcome.Updated>();

        string[] log = await UntilAsync(place, lines => lines.Any(l => l.EndsWith(" kept 2", StringComparison.Ordinal)));
        log.Skip(1).SkipLast(1).ShouldBe(withRuns ? ["run", "term"] : ["term"]);
        log[0].Split(' ')[0].ShouldNotBe(log[^1].Split(' ')[0]);
        ContainerPlace now = await test.PlaceAsync(name, "main", other: null);
        now.ShouldBe(place);
        (await test.RestartsAsync(place)).ShouldBe(0);
    }

    [Fact]
    public async Task A_process_that_is_not_supervised_cannot_be_started_again()
    {
        ContainerPlace place = await test.SharedAsync("mounted", () => test.RunAsync("mounted", LiveCluster.Bare, helper: true));
        foreach (ImmutableArray<OverlayEntry> entries in new ImmutableArray<OverlayEntry>[] { [], [_files.File("/app/x", "x")] })
        {
            (await test.ByPods.UpdateAsync(new ContainerUpdate { Place = place, Entries = entries, Restart = true }, TestCluster.Soon()))
                .ShouldBeOfType<ContainerUpdateOutcome.Refused>().Why.Code.ShouldBe(DiagnosticCode.ContainerNoSupervisor);
        }
    }

    [Fact]
    public async Task A_program_that_is_gone_ends_the_container_and_is_told()
    {
        ContainerPlace place = await test.RunAsync("gone-program", LiveCluster.Bare, helper: true, command: [HelperPath, "run", "main", "--", "/sleep", "100000"]);
        ContainerUpdateOutcome outcome = await test.ByPods.UpdateAsync(new ContainerUpdate { Place = place, Entries = [new OverlayEntry.Gone("/sleep")], Restart = true }, TestCluster.Soon());
        (outcome is ContainerUpdateOutcome.Gone || outcome is ContainerUpdateOutcome.Broken { Why.Code: DiagnosticCode.TransferBroken }).ShouldBeTrue(outcome.ToString());
        // The next container has its image's own.
        (await test.PlaceAsync("gone-program", "main", other: place.Id)).Pod.ShouldBe(place.Pod);
    }

    /// <summary>Where the pods of these tests have it mounted.</summary>
    private const string HelperPath = "/.devloop/helper";

    private static CommandWords Text(string text) => new([text], Shell: true);

    private ContainerTransfer Transfer(string way) => way == "engine" ? test.ByEngine : test.ByPods;

    private Task<ContainerPlace> ToolsAsync() => test.SharedAsync("tar", () => test.RunAsync("tar", LiveCluster.Tools, command: ["/bin/sleep", "100000"]));

    private static async Task<string[]> UntilAsync(ContainerPlace place, Func<string[], bool> wanted)
    {
        CancellationToken soon = TestCluster.Soon();
        while (true)
        {
            string[] lines = (await LiveCluster.LookAsync(place, "cat", "/log")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (wanted(lines))
                return lines;
            await Task.Delay(50, soon);
        }
    }
}
