using System.Diagnostics;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>What may go against an update in place, each with a `devloop up` of its own.</summary>
[Trait("Needs", "Cluster")]
public sealed class LiveUpdateTroubleTests
{
    /// <summary>A program that reads its files once, at its start.</summary>
    private const string ReadsOnce = "COPY site /site\nENTRYPOINT [\"/bin/busybox\", \"sh\", \"-c\", \"mkdir -p /www; cp /site/index.html /www/; exec /bin/busybox httpd -f -p 8080 -h /www\"]\n";

    [Fact]
    public async Task A_deleted_pods_successor_serves_the_edit_and_then_the_image_built_meanwhile()
    {
        await using Run run = await Run.StartAsync();
        string page = await run.EditAsync();
        RunEvent built = await run.Up.SeenAsync("build_finished", run.Project.Image("app"), outcome: "built", from: run.Mark);
        int mark = run.Up.Events.Count;
        PodSeen before = await run.Namespace.PodAsync(LiveProject.App);
        await run.Namespace.KubectlAsync("delete", "pod", before.Name, "--wait=false");
        await run.Up.SeenAsync("deploy_finished", resource: LiveProject.App, from: mark);
        await run.Up.ReadyAsync(mark);
        (await Browser.GetAsync(run.Port, "index.html")).ShouldBe(page);
        (await run.Namespace.PodAsync(LiveProject.App)).Image.ShouldEndWith(built.Text("tag")!);
    }

    [Fact]
    public async Task A_container_that_ended_gets_the_edit_again_before_it_is_called_ready()
    {
        await using Run run = await Run.StartAsync("{mode: auto, image: never}");
        string page = await run.EditAsync();
        (string Pod, string Container, int Restarts) before = await run.Namespace.IdentityAsync();
        int mark = run.Up.Events.Count;
        await Tool.OutputAsync("docker", "kill", before.Container["docker://".Length..]);
        RunEvent updated = await run.Up.UpdatedAsync(mark);
        await run.Up.ReadyAsync(updated.Index);
        (await Browser.GetAsync(run.Port, "index.html")).ShouldBe(page);
        (string Pod, string Container, int Restarts) after = await run.Namespace.IdentityAsync();
        (after.Pod, after.Restarts).ShouldBe((before.Pod, before.Restarts + 1));
        run.Up.Events.Since(mark).ShouldNotContain(e => e.Is("build_started"));
    }

    [Fact]
    public async Task A_container_that_is_killed_while_files_come_leaves_a_successor_that_has_them_all()
    {
        await using Run run = await Run.StartAsync("{mode: auto, image: never}");
        await run.EditAsync();
        string container = (await run.Namespace.IdentityAsync()).Container["docker://".Length..];
        string large = run.Project.PathOf("large.bin");
        using (FileStream file = File.Create(large))
            file.SetLength(200 << 20);
        int mark = run.Up.Events.Count;
        File.Move(large, run.Project.PathOf("site/large.bin"));
        // The files are on their way once the plan was told.
        await run.Up.SeenAsync("plan", from: mark);
        await Tool.OutputAsync("docker", "kill", container);
        RunEvent whole = await run.Up.Events.FirstAsync(e => e.Is("live_update_finished", outcome: "updated") && e.Json["files"]!.AsArray().Any(f => (string)f!["from"]! == "site/large.bin"), mark, "the large file's update");
        await run.Up.ReadyAsync(whole.Index);
        (await run.Namespace.IdentityAsync()).Container.ShouldNotEndWith(container);
        (await run.Namespace.InPodAsync("stat", "-c", "%s", "/site/large.bin")).Trim().ShouldBe($"{200 << 20}");
    }

    [Fact]
    public async Task A_program_that_reads_its_files_once_is_started_again_in_its_container()
    {
        await using Run run = await Run.StartAsync(dockerfile: ReadsOnce);
        (string, string, int) before = await run.Namespace.IdentityAsync();
        for (int i = 0; i < 3; i++)
        {
            string page = await run.EditAsync();
            await Browser.ServesAsync(run.Port, page);
        }
        ((bool)run.Last!.Json["restarted"]!).ShouldBeTrue();
        (await run.Namespace.IdentityAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Steps_of_the_config_sync_run_and_restart()
    {
        await using Run run = await Run.StartAsync(
            "[{sync: {from: site, to: /site}}, {run: {command: [/bin/busybox, sh, -c, \"echo made; cp /site/index.html /site/made.html\"], on: [site/index.html]}}, {fall_back_on: [site/locked.txt]}, {restart: true}]",
            dockerfile: "COPY site /site\n", settings: "    entrypoint: [/bin/busybox, httpd, -f, -p, \"8080\", -h, /site]\n");
        (string, string, int) before = await run.Namespace.IdentityAsync();
        string page = await run.EditAsync();
        await Browser.ServesAsync(run.Port, page, "made.html");
        (await run.Namespace.IdentityAsync()).ShouldBe(before);
        run.Up.Events.Since(run.Mark).ShouldContain(e => e.Is("log", null, LiveProject.App, null) && e.Text("text") == "made");

        int mark = run.Up.Events.Count;
        run.Project.Write("site/locked.txt", "1");
        RunEvent building = await run.Up.SeenAsync("build_started", run.Project.Image("app"), from: mark);
        building.Json["reasons"]!.ToJsonString().ShouldContain("site/locked.txt");
        await run.Up.SeenAsync("deploy_finished", resource: LiveProject.App, from: mark);
        await run.Up.ReadyAsync(mark);
        (await Browser.GetAsync(run.Port, "locked.txt")).ShouldBe("1");
    }

    [Fact]
    public async Task A_command_that_fails_is_an_error_and_the_next_edit_tries_again()
    {
        await using Run run = await Run.StartAsync("[{sync: {from: site, to: /site}}, {run: {command: [/bin/busybox, grep, good, /site/index.html]}}]", dockerfile: "COPY site /site\n" + LiveProject.Serve);
        int mark = run.Up.Events.Count;
        run.Project.Write("site/index.html", "bad\n");
        RunEvent failed = await run.Up.SeenAsync("live_update_finished", outcome: "failed", from: mark);
        ((bool)failed.Json["builds_instead"]!).ShouldBeFalse();
        failed.Json["diagnostics"]!.ToJsonString().ShouldContain("/bin/busybox grep good /site/index.html");
        mark = run.Up.Events.Count;
        run.Project.Write("site/index.html", "good\n");
        await run.Up.UpdatedAsync(mark);
        run.Up.Events.Since(mark).ShouldNotContain(e => e.Is("deploy_started"));
    }

    [Fact]
    public async Task What_a_later_RUN_may_read_is_built_and_the_instruction_is_named()
    {
        await using Run run = await Run.StartAsync(dockerfile: "COPY site/index.html /src/\nRUN [\"/bin/busybox\", \"cp\", \"/src/index.html\", \"/site/\"]\n" + LiveProject.Serve);
        PodSeen before = await run.Namespace.PodAsync(LiveProject.App);
        string page = TestProject.Fresh();
        int mark = run.Up.Events.Count;
        run.Project.Write("site/index.html", page);
        RunEvent building = await run.Up.SeenAsync("build_started", run.Project.Image("app"), from: mark);
        building.Json["reasons"]![0]!["text"]!.GetValue<string>().ShouldContain("RUN [\"/bin/busybox\", \"cp\"");
        await run.Up.ReadyAsync(mark);
        (await Browser.GetAsync(run.Port, "index.html")).ShouldBe(page);
        (await run.Namespace.PodAsync(LiveProject.App)).Uid.ShouldNotBe(before.Uid);
        Ended plan = (await DevloopProcess.RunAsync(run.Project, "plan", "--changed", "site/index.html")).ShouldExitWith(0);
        (plan.Out + plan.Error).ShouldContain("RUN [\"/bin/busybox\", \"cp\"");
    }

    [Fact]
    public async Task What_cannot_be_taken_back_goes_with_its_pod()
    {
        // Above a RUN nobody knows whether the path was there before.
        await using Run run = await Run.StartAsync(dockerfile: "RUN [\"/bin/busybox\", \"mkdir\", \"-p\", \"/site\"]\nCOPY site /site\n" + LiveProject.Serve);
        PodSeen before = await run.Namespace.PodAsync(LiveProject.App);
        int mark = run.Up.Events.Count;
        run.Project.Write("site/more.html", "more\n");
        await run.Up.UpdatedAsync(mark);
        (await Browser.GetAsync(run.Port, "more.html")).ShouldBe("more\n");
        mark = run.Up.Events.Count;
        File.Delete(run.Project.PathOf("site/more.html"));
        await run.Up.Events.FirstAsync(e => e.Is("resource_status", null, LiveProject.App, null) && e.Text("status") == "ready", mark, "a ready pod");
        (await run.Namespace.PodAsync(LiveProject.App)).Uid.ShouldNotBe(before.Uid);
        (await Should.ThrowAsync<HttpRequestException>(Browser.GetAsync(run.Port, "more.html"))).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Two_containers_of_one_image_one_of_them_without_rights_both_get_the_edit()
    {
        await using Run run = await Run.StartAsync("{mode: auto, image: never}", more: "", manifest: image => $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec:
                  dnsPolicy: Default
                  terminationGracePeriodSeconds: 1
                  containers:
                    - {name: main, image: {{image}} }
                    - {name: other, image: {{image}}, command: [/bin/busybox, httpd, -f, -p, "8081", -h, /site], securityContext: {runAsUser: 1000} }

            """);
        string page = await run.EditAsync();
        ((int)run.Last!.Json["containers"]!).ShouldBe(4);
        foreach (PodSeen pod in await run.Namespace.PodsAsync(LiveProject.App))
        {
            foreach (string container in new[] { "main", "other" })
                (await run.Namespace.KubectlAsync("exec", pod.Name, "-c", container, "--", "/bin/busybox", "cat", "/site/index.html")).ShouldBe(page);
        }
    }

    [Fact]
    public async Task An_image_without_a_shell_is_updated_too()
    {
        await using Run run = await Run.StartAsync(baseDockerfile: "FROM scratch\nCOPY busybox /httpd\nCOPY banner.txt /site/banner.txt\n", dockerfile: "COPY site /site\nENTRYPOINT [\"/httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/site\"]\n");
        (string, string, int) before = await run.Namespace.IdentityAsync();
        string page = await run.EditAsync();
        (await Browser.GetAsync(run.Port, "index.html")).ShouldBe(page);
        int mark = run.Up.Events.Count;
        run.Project.Write("site/more.html", page);
        await run.Up.UpdatedAsync(mark);
        File.Delete(run.Project.PathOf("site/more.html"));
        mark = run.Up.Events.Count;
        await run.Up.UpdatedAsync(mark);
        await Should.ThrowAsync<HttpRequestException>(Browser.GetAsync(run.Port, "more.html"));
        (await run.Namespace.IdentityAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_read_only_container_gets_an_image_and_the_reason_is_told()
    {
        await using Run run = await Run.StartAsync(more: "          securityContext: {readOnlyRootFilesystem: true}\n");
        PodSeen before = await run.Namespace.PodAsync(LiveProject.App);
        int mark = run.Up.Events.Count;
        string page = TestProject.Fresh();
        run.Project.Write("site/index.html", page);
        RunEvent failed = await run.Up.SeenAsync("live_update_finished", outcome: "failed", from: mark);
        ((bool)failed.Json["builds_instead"]!).ShouldBeTrue();
        failed.Json["diagnostics"]!.ToJsonString().ShouldContain("read-only");
        await run.Up.SeenAsync("deploy_finished", resource: LiveProject.App, from: mark);
        await run.Up.ReadyAsync(mark);
        (await Browser.GetAsync(run.Port, "index.html")).ShouldBe(page);
        (await run.Namespace.PodAsync(LiveProject.App)).Uid.ShouldNotBe(before.Uid);
        // The next one is not even tried.
        mark = run.Up.Events.Count;
        run.Project.Write("site/index.html", TestProject.Fresh());
        await run.Up.SeenAsync("build_started", run.Project.Image("app"), from: mark);
        run.Up.Events.Since(mark).ShouldNotContain(e => e.Is("live_update_finished"));
    }

    [Fact]
    public async Task A_devloop_that_was_killed_leaves_nothing_that_the_next_one_does_not_put_right()
    {
        await using Run run = await Run.StartAsync("{mode: auto, image: never}");
        string first = await File.ReadAllTextAsync(run.Project.PathOf("site/index.html"));
        await run.EditAsync();
        (string, string, int) before = await run.Namespace.IdentityAsync();
        await run.Up.KillAsync();
        run.Project.Write("site/index.html", first);
        await using DevloopProcess next = DevloopProcess.Start(run.Project, "up");
        await next.ReadyAsync();
        (await run.Namespace.InPodAsync("cat", "/site/index.html")).ShouldBe(first);
        (await run.Namespace.IdentityAsync()).ShouldBe(before);
        await next.StopAsync();
    }

    /// <summary>The same, by a pipeline.</summary>
    [Fact]
    public async Task A_pipeline_does_not_pass_on_what_containers_were_given_by_hand()
    {
        await using Run run = await Run.StartAsync("{mode: auto, image: never}");
        string first = await File.ReadAllTextAsync(run.Project.PathOf("site/index.html"));
        await run.EditAsync();
        await run.Up.StopAsync();
        run.Project.Write("site/index.html", first);
        (await DevloopProcess.RunAsync(run.Project, "ci")).ShouldExitWith(0);
        (await run.Namespace.InPodAsync("cat", "/site/index.html")).ShouldBe(first);
    }

    private sealed class Run : IAsyncDisposable
    {
        private bool _ended;

        public required TestNamespace Namespace { get; init; }

        public required TestProject Project { get; init; }

        public required DevloopProcess Up { get; init; }

        public required int Port { get; init; }

        /// <summary>Before the last edit.</summary>
        public int Mark { get; private set; }

        public RunEvent? Last { get; private set; }

        public static async Task<Run> StartAsync(
            string liveUpdate = "auto", string dockerfile = "COPY site /site\n" + LiveProject.Serve, string more = "", string settings = "", Func<string, string>? manifest = null, string? baseDockerfile = null)
        {
            TestNamespace @namespace = await TestNamespace.CreateAsync();
            int port = Browser.FreePort();
            TestProject project = await LiveProject.CreateAsync(@namespace, port, liveUpdate, dockerfile, more, settings);
            if (manifest is not null)
                project.Write("app.yml", manifest(project.Image("app")));
            if (baseDockerfile is not null)
                project.Write("base.dockerfile", baseDockerfile);
            var run = new Run { Namespace = @namespace, Project = project, Port = port, Up = DevloopProcess.Start(project, "up") };
            await run.Up.ReadyAsync();
            return run;
        }

        /// <summary>Another page, and the end of its update.</summary>
        public async Task<string> EditAsync()
        {
            string page = TestProject.Fresh();
            Mark = Up.Events.Count;
            Project.Write("site/index.html", page);
            Last = await Up.UpdatedAsync(Mark);
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            if (_ended)
                return;
            _ended = true;
            if (!Up.HasExited)
                await Up.InterruptAsync();
            await Up.DisposeAsync();
            await Namespace.DisposeAsync();
            await Project.DisposeAsync();
        }
    }
}
