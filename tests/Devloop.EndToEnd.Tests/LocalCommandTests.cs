using System.Net;
using System.Net.Sockets;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Commands of this machine beside real builds.</summary>
[Trait("Needs", "Engine")]
public sealed class LocalCommandTests
{
    /// <summary>Serves a directory over HTTP; ends at once when asked to.</summary>
    private static string Serve(int port, string directory) => $"[/bin/busybox, httpd, -f, -p, \"127.0.0.1:{port}\", -h, {directory}]";

    [Fact]
    public async Task A_build_runs_what_writes_its_inputs_and_nothing_else()
    {
        await using TestProject project = Generating("touch other; exit 9");
        Ended ended = (await DevloopProcess.RunAsync(project, "build")).ShouldExitWith(0);
        ended.ShouldSay("Ran codegen");
        File.Exists(project.PathOf("other")).ShouldBeFalse();
        (await FileInImageAsync(project)).ShouldBe("generated from one\n");
    }

    [Fact]
    public async Task What_a_failing_command_feeds_is_not_built_and_the_end_of_ci_is_4()
    {
        await using TestProject project = Generating("true", "echo api.proto:7: no such message >&2; exit 3");
        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(4);
        ended.ShouldSay("error[DL4030]: local command `codegen` failed: exit code 3", "--> devloop.yaml:", "│ api.proto:7: no such message").ShouldNotSay("Building");
        ended.ShouldEndSaying(1, "a local command failed");
    }

    [Fact]
    public async Task Commands_alone_need_neither_engine_nor_cluster()
    {
        await using TestProject project = TestProject.Create();
        project.Environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
        project.Write("devloop.yaml", $"version: 1\nname: {project.Id}\nlocal:\n  gen: {{command: [touch, \"made here\"]}}\n");
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0).ShouldEndSaying(1, "1 of 1 resource ready");
        File.Exists(project.PathOf("made here")).ShouldBeTrue();
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
    }

    [Fact]
    public async Task What_serves_and_ends_ends_ci_with_5()
    {
        await using TestProject project = TestProject.Create();
        project.Write("devloop.yaml", $"version: 1\nname: {project.Id}\nlocal:\n  dev: {{serve: \"echo no port; exit 1\", readiness: {{tcp: {{port: 1}}}}}}\n");
        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5);
        ended.ShouldSay("resource `dev` is not healthy: it ended with exit code 1", "│ no port");
    }

    [Fact]
    public async Task An_edit_of_a_dep_runs_the_command_and_rebuilds_the_image_and_a_touch_does_not()
    {
        await using TestProject project = Generating("true");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.SeenAsync("build_finished", project.Image("api"), outcome: "built");
        await up.Events.FirstAsync(e => e.Is("ready"), 0, "ready");

        int mark = up.Events.Count;
        project.Write("proto/api.proto", "two\n");
        RunEvent ran = await up.SeenAsync("deploy_finished", resource: "codegen", outcome: "ran", from: mark);
        ((string)ran.Json["reasons"]![0]!["text"]!).ShouldBe("proto/api.proto changed");
        RunEvent built = await up.SeenAsync("build_finished", project.Image("api"), outcome: "built", from: mark);
        built.Index.ShouldBeGreaterThan(ran.Index);
        (await FileInImageAsync(project)).ShouldBe("generated from two\n");
        up.Events.Since(mark).Count(e => e.Is("build_started")).ShouldBe(1);

        mark = up.Events.Count;
        File.SetLastWriteTimeUtc(project.PathOf("proto/api.proto"), DateTime.UnixEpoch);
        // File events come in order: once a later edit was looked at, so was the touch.
        project.Write("api/notes.txt", TestProject.Fresh());
        await up.SeenAsync("build_finished", project.Image("api"), outcome: "built", from: mark);
        up.Events.Since(mark).ShouldNotContain(e => e.Is("deploy_started", null, "codegen", null));
        await up.StopAsync();
    }

    [Fact]
    public async Task An_edit_during_a_run_ends_it_with_all_that_it_started()
    {
        string mark = MarkedProcesses.NewMark();
        await using TestProject project = TestProject.Create();
        project.Write("work", $"cat input; grep -q wait input && {{ sh -c 'sleep 300; : {mark}' & wait; }}; echo done\n")
            .Write("input", "wait\n").Write("devloop.yaml", $"version: 1\nname: {project.Id}\nlocal:\n  gen: {{command: [sh, work], deps: [input]}}\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.Events.FirstAsync(e => e.Is("log", null, "gen", null) && e.Text("text") == "wait", 0, "the run");
        while (await MarkedProcesses.CountAsync(mark) == 0)
            await Task.Delay(50, Patience.Ends());

        project.Write("input", "go on\n");
        await up.SeenAsync("deploy_finished", resource: "gen", outcome: "cancelled");
        await up.SeenAsync("deploy_finished", resource: "gen", outcome: "ran");
        (await MarkedProcesses.CountAsync(mark)).ShouldBe(0);
        await up.StopAsync();
    }

    [Fact]
    public async Task Ctrl_C_leaves_no_process()
    {
        (TestProject project, string mark) = Serving();
        await using (project)
        {
            await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
            await ServesAsync(up);
            await up.StopAsync();
            (await MarkedProcesses.CountAsync(mark)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_devloop_that_is_killed_leaves_no_process()
    {
        (TestProject project, string mark) = Serving();
        await using (project)
        {
            await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
            await ServesAsync(up);
            await up.KillAsync();
            await MarkedProcesses.GoneAsync(mark);
        }
    }

    [Fact]
    public async Task What_serves_is_ready_when_it_answers_and_feeds_what_waits_for_it()
    {
        int port = FreePort(), other = FreePort();
        await using TestProject project = TestProject.Create();
        project.Write("site/healthz", "ok").Write("devloop.yaml", $$$"""
            version: 1
            name: {{{project.Id}}}
            local:
              web: {serve: {{{Serve(port, "site")}}}, readiness: {http: {port: {{{port}}}, path: /healthz} } }
              tunnel: {serve: {{{Serve(other, "site")}}}, readiness: {tcp: {port: {{{other}}} } }, depends_on: [web]}
              worker: {serve: "sleep 1; touch up; sleep 300", readiness: {exec: {command: [test, -e, up]}}, depends_on: [tunnel]}
              check: {command: "/bin/busybox wget -q -O - http://127.0.0.1:{{{port}}}/healthz; test -e up", depends_on: [worker]}

            """);
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        (await ci.EndAsync()).ShouldBe(0, ci.Errors);

        int Ready(string name) => ci.Events.All.First(e => e.Is("resource_status", null, name, null) && e.Text("status") == "ready").Index;
        int Started(string name) => ci.Events.All.First(e => e.Is("deploy_started", null, name, null)).Index;
        Started("tunnel").ShouldBeGreaterThan(Ready("web"));
        Started("worker").ShouldBeGreaterThan(Ready("tunnel"));
        Started("check").ShouldBeGreaterThan(Ready("worker"));
        ci.Events.All.ShouldContain(e => e.Is("log", null, "check", null) && e.Text("text") == "ok");
    }

    [Fact]
    public async Task What_crashes_is_told_and_starts_again_at_the_next_edit()
    {
        await using TestProject project = TestProject.Create();
        project.Write("run", "echo bad; exit 4\n").Write("devloop.yaml", $"version: 1\nname: {project.Id}\nlocal:\n  dev: {{serve: [sh, run], deps: [run]}}\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.Events.FirstAsync(e => e.Is("resource_status", null, "dev", null) && e.Text("text") == "it ended with exit code 4", 0, "the crash");

        int mark = up.Events.Count;
        project.Write("run", "echo good; sleep 300\n");
        await up.Events.FirstAsync(e => e.Is("log", null, "dev", null) && e.Text("text") == "good", mark, "the second start");
        await up.Events.FirstAsync(e => e.Is("resource_status", null, "dev", null) && e.Text("status") == "ready", mark, "ready");
        await up.StopAsync();
    }

    [Fact]
    public async Task Down_runs_the_teardowns_in_reverse_and_goes_on_after_one_that_fails()
    {
        await using TestProject project = TestProject.Create();
        project.Write("devloop.yaml", $"""
            version: 1
            name: {project.Id}
            local:
              first: {"{command: \"true\", teardown: echo first >> log}"}
              second: {"{command: \"true\", teardown: echo second >> log; echo no such tunnel; exit 2, depends_on: [first]}"}
              third: {"{command: \"true\"}"}

            """);
        Ended ended = (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(4);
        File.ReadAllText(project.PathOf("log")).ShouldBe("second\nfirst\n");
        ended.ShouldSay("error[DL4033]: `teardown` of local command `second` failed: exit code 2", "│ no such tunnel").ShouldNotSay("third");
    }

    [Fact]
    public async Task Up_that_takes_down_on_exit_runs_the_teardowns()
    {
        await using TestProject project = TestProject.Create();
        project.Write("devloop.yaml", $"version: 1\nname: {project.Id}\nlocal:\n  dev: {{serve: \"echo up; sleep 300\", teardown: touch down}}\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web", "--down-on-exit");
        await up.Events.FirstAsync(e => e.Is("log", null, "dev", null), 0, "the start");
        await up.StopAsync();
        File.Exists(project.PathOf("down")).ShouldBeTrue();
    }

    /// <summary>An image that holds what a command makes of a file, and another command that feeds nothing.</summary>
    private static TestProject Generating(string other, string command = "mkdir -p api/gen && sed 's/^/generated from /' proto/api.proto > api/gen/api.txt")
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox("api").Write("api/Dockerfile", TestProject.Busybox + "COPY . /api\nENTRYPOINT [\"/bin/busybox\", \"cat\", \"/api/gen/api.txt\"]\n").Write("proto/api.proto", "one\n")
            .Write("devloop.yaml", $$"""
                version: 1
                name: {{project.Id}}
                images:
                  {{project.Image("api")}}: {context: api}
                local:
                  codegen: {command: "{{command.Replace("\"", "\\\"", StringComparison.Ordinal)}}", deps: [proto], produces: [api/gen]}
                  other: {command: "{{other}}"}

                """);
    }

    /// <summary>Something that serves with a child that serves too, known by a mark.</summary>
    private static (TestProject Project, string Mark) Serving()
    {
        string mark = MarkedProcesses.NewMark();
        TestProject project = TestProject.Create();
        return (project.Write("devloop.yaml", $"version: 1\nname: {project.Id}\nlocal:\n  dev: {{serve: \"sh -c 'echo up; sleep 300; : {mark}'; : {mark}\"}}\n"), mark);
    }

    private static async Task ServesAsync(DevloopProcess up) => await up.Events.FirstAsync(e => e.Is("log", null, "dev", null) && e.Text("text") == "up", 0, "`up` of dev");

    private static async Task<string> FileInImageAsync(TestProject project) => await Tool.OutputAsync("docker", "run", "--rm", await NewestAsync(project));

    private static async Task<string> NewestAsync(TestProject project) =>
        (await Tool.OutputAsync("docker", "images", "--filter", $"reference={project.Image("api")}:devloop-*", "--format", "{{.CreatedAt}}\t{{.Repository}}:{{.Tag}}")).Split('\n')[0].Split('\t')[1];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
