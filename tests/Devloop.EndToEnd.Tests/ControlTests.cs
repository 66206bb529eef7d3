using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>One `devloop up` in a real cluster, and other devloops that talk to it, each as a process of its own.</summary>
[Trait("Needs", "Cluster")]
public sealed class ControlTests
{
    private static readonly string Job = """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: once}
        spec:
          backoffLimit: 0
          template:
            spec:
              dnsPolicy: Default
              restartPolicy: Never
              containers: [{name: main, image: BASE, command: ["/bin/busybox", "echo", "the job ran"]}]

        """;

    [Fact]
    public async Task Status_and_logs_tell_what_runs_and_what_was_written()
    {
        await using Session session = await Session.StartAsync();
        Ended status = (await session.RunAsync("status")).ShouldExitWith(0);
        status.Out.ShouldContain("web   ready");
        status.Out.ShouldNotContain("token");
        JsonNode json = JsonNode.Parse((await session.RunAsync("status", "--output", "json")).ShouldExitWith(0).Out)!;
        ((string?)json["resources"]![0]!["status"]).ShouldBe("ready");
        ((bool?)json["paused"]).ShouldBe(false);

        (await session.RunAsync("logs", session.Project.Image("base"), "--build")).ShouldExitWith(0).Out.ShouldContain("COPY banner.txt");
        await using DevloopProcess following = DevloopProcess.Start(session.Project, "logs", "once", "--follow");
        await following.SeenAsync("log", resource: "once");
        following.Events.All[^1].Text("text").ShouldBe("the job ran");
        await following.StopAsync();
        (await session.RunAsync("logs", "wbe")).ShouldExitWith(2).ShouldSay("DL1012", "`web`");
    }

    [Fact]
    public async Task A_resource_that_is_asked_for_keeps_its_pods_and_a_job_that_ended_runs_anew()
    {
        await using Session session = await Session.StartAsync();
        PodSeen pod = await session.Namespace.PodAsync(Quickstart.App);
        string job = (string)(await session.Namespace.GetAsync("job", "once"))["metadata"]!["uid"]!;
        int mark = session.Up.Events.Count;

        (await session.RunAsync("trigger", "web", "once")).ShouldExitWith(0).ShouldSay("Triggered web, once");

        await session.Up.SeenAsync("deploy_finished", resource: "web", outcome: "unchanged", from: mark);
        await session.Up.SeenAsync("deploy_finished", resource: "once", outcome: "applied", from: mark);
        (await session.Namespace.PodAsync(Quickstart.App)).ShouldBe(pod);
        ((string)(await session.Namespace.GetAsync("job", "once"))["metadata"]!["uid"]!).ShouldNotBe(job);
        await session.Up.ReadyAsync(mark);
    }

    [Fact]
    public async Task An_image_that_is_asked_for_is_built_again_without_the_cache_when_so_wanted()
    {
        await using Session session = await Session.StartAsync();
        string image = session.Project.Image("app");
        int mark = session.Up.Events.Count;
        (await session.RunAsync("trigger", image)).ShouldExitWith(0);
        RunEvent built = await session.Up.SeenAsync("build_finished", image, outcome: "built", from: mark);
        ((bool?)built.Json["changed"]).ShouldBe(false, "every step came from the cache");

        mark = session.Up.Events.Count;
        (await session.RunAsync("trigger", image, "--no-cache")).ShouldExitWith(0);
        await session.Up.SeenAsync("build_finished", image, outcome: "built", from: mark);
        session.Up.Events.Since(mark).Single(e => e.Is("build_step", image) && e.Text("step")!.StartsWith("COPY", StringComparison.Ordinal)).Outcome.ShouldBe("built");
        session.Up.Events.Since(mark).Single(e => e.Is("build_started", image)).Json["reasons"]!.AsArray().Select(r => (string)r!["text"]!).ShouldBe(["asked for, with every step run anew"]);
        (await session.RunAsync("trigger", "nobody")).ShouldExitWith(2).ShouldSay("DL1012");
    }

    [Fact]
    public async Task What_is_edited_while_paused_is_built_and_deployed_at_resume()
    {
        await using Session session = await Session.StartAsync();
        (await session.RunAsync("pause")).ShouldExitWith(0);
        int mark = session.Up.Events.Count;
        string page = TestProject.Fresh();
        session.Project.Write("site/index.html", page);
        await session.Up.SeenAsync("held", from: mark);
        (await session.RunAsync("status")).ShouldExitWith(0).Out.ShouldContain("waiting  paused; `devloop resume` goes on");
        session.Up.Events.Since(mark).ShouldNotContain(e => e.Is("build_started", null, null, null));

        (await session.RunAsync("resume")).ShouldExitWith(0);

        await session.Up.SeenAsync("deploy_finished", resource: "web", outcome: "applied", from: mark);
        await session.Up.ReadyAsync(mark);
        (await session.Namespace.FileInPodAsync(await session.Namespace.PodAsync(Quickstart.App), "/www/index.html")).ShouldBe(page);
    }

    [Fact]
    public async Task A_disabled_resource_is_out_of_the_cluster_until_it_is_enabled()
    {
        await using Session session = await Session.StartAsync();
        (await session.RunAsync("disable", "web")).ShouldExitWith(0).ShouldSay("Disabled web");
        (await session.Namespace.KubectlAsync("get", "deployments", "--output", "name")).ShouldBeEmpty();
        int mark = session.Up.Events.Count;
        string page = TestProject.Fresh();
        session.Project.Write("site/index.html", page);
        // Events come in order: once the edit of an image that somebody needs was looked at, so was the one before.
        session.Project.Write("package/banner.txt", TestProject.Fresh());
        await session.Up.SeenAsync("build_finished", session.Project.Image("base"), from: mark);
        await session.Up.SeenAsync("ready", from: mark);
        session.Up.Events.Since(mark).ShouldNotContain(e => e.Is("build_started", session.Project.Image("app"), null, null));
        (await session.RunAsync("trigger", "web")).ShouldExitWith(2).ShouldSay("DL1050");

        mark = session.Up.Events.Count;
        (await session.RunAsync("enable", "web")).ShouldExitWith(0);
        await session.Up.SeenAsync("deploy_finished", resource: "web", outcome: "applied", from: mark);
        await session.Up.ReadyAsync(mark);
        (await session.Namespace.FileInPodAsync(await session.Namespace.PodAsync(Quickstart.App), "/www/index.html")).ShouldBe(page);
    }

    [Fact]
    public async Task A_second_up_says_who_runs_and_stop_ends_the_first()
    {
        await using Session session = await Session.StartAsync("--no-web");
        Ended second = (await session.RunAsync("up")).ShouldExitWith(6).ShouldSay("error[DL5011]", "= process ", "`devloop stop` ends it");
        second.ShouldNotSay("token");

        (await session.RunAsync("stop", "--down")).ShouldExitWith(0);

        (await session.Up.EndAsync()).ShouldBe(130, session.Up.Errors);
        (await session.Namespace.KubectlAsync("get", "deployments,jobs", "--output", "name")).ShouldBeEmpty();
        (await session.RunAsync("status")).ShouldExitWith(6).ShouldSay("DL5010");
    }

    [Fact]
    public async Task One_that_was_killed_blocks_nobody()
    {
        await using Session session = await Session.StartAsync();
        await session.Up.KillAsync();
        (await session.RunAsync("status")).ShouldExitWith(6).ShouldSay("DL5010");
        await using DevloopProcess next = DevloopProcess.Start(session.Project, "up");
        await next.ReadyAsync();
        await next.StopAsync();
    }

    [Fact]
    public async Task What_does_not_start_by_itself_waits_for_the_user_and_a_pipeline_leaves_it_out()
    {
        await using Session session = await Session.StartAsync(settings: "{auto_start: false, trigger: manual}");
        (await session.RunAsync("status")).ShouldExitWith(0).Out.ShouldContain("waits for `devloop trigger web`");
        (await session.Namespace.KubectlAsync("get", "deployments", "--output", "name")).ShouldBeEmpty();
        session.Up.Events.All.ShouldNotContain(e => e.Is("build_started", session.Project.Image("app"), null, null));
        int mark = session.Up.Events.Count;

        (await session.RunAsync("trigger", "web")).ShouldExitWith(0);
        await session.Up.SeenAsync("resource_status", resource: "web", from: mark);
        await session.Up.ReadyAsync(mark);

        mark = session.Up.Events.Count;
        session.Project.Write("site/index.html", TestProject.Fresh());
        RunEvent held = await session.Up.SeenAsync("held", from: mark);
        ((string?)held.Json["resources"]![0]!["text"]).ShouldBe("waits for `devloop trigger web`");
        await session.Up.StopAsync();

        await session.Namespace.KubectlAsync("delete", "deployment", "web");
        (await session.RunAsync("ci")).ShouldExitWith(0);
        (await session.Namespace.KubectlAsync("get", "deployments", "--output", "name")).ShouldBeEmpty();
        (await session.RunAsync("ci", "web")).ShouldExitWith(0);
        (await session.Namespace.KubectlAsync("get", "deployments", "--output", "name")).ShouldContain("web");
    }

    private sealed class Session : IAsyncDisposable
    {
        private Session(TestNamespace @namespace, TestProject project, DevloopProcess up) => (Namespace, Project, Up) = (@namespace, project, up);

        public TestNamespace Namespace { get; }

        public TestProject Project { get; }

        public DevloopProcess Up { get; }

        /// <param name="option">Of `up`.</param>
        /// <param name="settings">What the config says of the resource `web`.</param>
        public static async Task<Session> StartAsync(string? option = null, string settings = "{}")
        {
            TestNamespace @namespace = await TestNamespace.CreateAsync();
            TestProject project = await Quickstart.CreateAsync(@namespace);
            project.Write("job.yml", Job.Replace("BASE", project.Image("base"), StringComparison.Ordinal));
            project.Write("devloop.yaml", File.ReadAllText(project.PathOf("devloop.yaml")).Replace("[app.yml]", "[app.yml, job.yml]", StringComparison.Ordinal).Replace("  web: {}", "  web: " + settings, StringComparison.Ordinal));
            DevloopProcess up = DevloopProcess.Start(project, ["up", .. option is null ? ["--port", "0"] : new[] { option }]);
            int mark = (await up.ReadyAsync()).Index + 1;
            // The first answer to an edit says that the watch stands.
            project.Write("package/banner.txt", File.ReadAllText(project.PathOf("package/banner.txt")));
            await up.SeenAsync("build_finished", project.Image("base"), outcome: "unchanged", from: mark);
            return new Session(@namespace, project, up);
        }

        public Task<Ended> RunAsync(params string[] arguments) => DevloopProcess.RunAsync(Project, arguments);

        public async ValueTask DisposeAsync()
        {
            await Up.DisposeAsync();
            await Project.DisposeAsync();
            await Namespace.DisposeAsync();
        }
    }
}
