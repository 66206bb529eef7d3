using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>One `devloop up` on the quickstart's shape, running while the class's tests edit its files, each its own way.</summary>
[Trait("Needs", "Cluster")]
public sealed class UpTests(UpTests.Session session) : IClassFixture<UpTests.Session>
{
    private readonly TestProject _project = session.Project;
    private readonly TestNamespace _namespace = session.Namespace;
    private readonly DevloopProcess _up = session.Up;

    [Fact]
    public async Task An_edit_in_the_apps_context_rebuilds_the_app_only_and_is_served_through_the_same_forward()
    {
        PodSeen before = await _namespace.PodAsync(Quickstart.App);
        string page = TestProject.Fresh();
        int mark = _up.Events.Count;

        _project.Write("site/index.html", page);

        await _up.SeenAsync("build_finished", _project.Image("app"), outcome: "built", from: mark);
        RunEvent ready = await _up.ReadyAsync(mark);
        _up.Events.Since(mark).Where(e => e.Is("build_started")).Select(e => e.Image).ShouldBe([_project.Image("app")]);
        (await Browser.GetAsync(session.Port, "index.html")).ShouldBe(page);
        PodSeen after = await _namespace.PodAsync(Quickstart.App);
        after.Uid.ShouldNotBe(before.Uid);
        after.Image.ShouldNotBe(before.Image);
        ready.Json["built"]!.GetValue<int>().ShouldBe(1);
        ready.Json["applied"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task An_edit_in_the_bases_context_rebuilds_base_then_app_with_the_bases_new_tag_in_its_FROM_line()
    {
        string banner = TestProject.Fresh();
        int mark = _up.Events.Count;

        _project.Write("package/banner.txt", banner);

        RunEvent built = await _up.SeenAsync("build_finished", _project.Image("base"), outcome: "built", from: mark);
        await _up.ReadyAsync(built.Index);
        IReadOnlyList<RunEvent> events = _up.Events.Since(mark);
        events.Where(e => e.Is("build_started")).Select(e => e.Image).ShouldBe([_project.Image("base"), _project.Image("app")]);
        RunEvent childStarts = events.Single(e => e.Is("build_started", _project.Image("app")));
        childStarts.Index.ShouldBeGreaterThan(built.Index);
        childStarts.Json["reasons"]!.AsArray().ShouldContain(r => ((string)r!["text"]!).Contains(_project.Image("base")));
        string tag = built.Text("tag")!;
        tag.ShouldMatch("^devloop-[0-9a-f]{16}$");
        built.Text("digest").ShouldStartWith("sha256:" + tag["devloop-".Length..]);
        Ended pinned = await DevloopProcess.RunAsync(_project, "dockerfile", _project.Image("app"));
        pinned.ShouldExitWith(0).Out.ShouldBe(File.ReadAllText(_project.PathOf("app.dockerfile")).Replace($"FROM {_project.Image("base")}", $"FROM {_project.Image("base")}:{tag}"));
        (await Browser.GetAsync(session.Port, "banner.txt")).ShouldBe(banner);
    }

    [Theory]
    [InlineData("uncopied")]
    [InlineData("ignored")]
    [InlineData("touched")]
    [InlineData("unchanged")]
    public async Task An_edit_that_no_build_would_read_builds_and_applies_nothing(string edit)
    {
        IReadOnlyList<PodSeen> before = await _namespace.PodsAsync(Quickstart.App);
        string version = await _namespace.VersionOfAsync("deployment", Quickstart.App);
        int mark = _up.Events.Count;

        switch (edit)
        {
            case "uncopied": _project.Write("README.md", TestProject.Fresh()); break;
            case "ignored": _project.Write("site/notes.bak", TestProject.Fresh()); break;
            case "touched": File.SetLastWriteTimeUtc(_project.PathOf("package/banner.txt"), DateTime.UnixEpoch); break;
            default: _project.Write("package/banner.txt", File.ReadAllText(_project.PathOf("package/banner.txt"))); break;
        }
        // File events come in order: once a later save of the app was looked at, so was the edit.
        _project.Write("site/index.html", File.ReadAllText(_project.PathOf("site/index.html")));

        RunEvent looked = await _up.SeenAsync("build_finished", _project.Image("app"), from: mark);
        looked.Outcome.ShouldBe("unchanged");
        if (edit is "touched" or "unchanged")
            (await _up.SeenAsync("build_finished", _project.Image("base"), from: mark)).Outcome.ShouldBe("unchanged");
        await _up.SeenAsync("ready", from: looked.Index);
        IReadOnlyList<RunEvent> events = _up.Events.Since(mark);
        events.ShouldNotContain(e => e.Is("build_started") || e.Is("deploy_started") || e.Is("deploy_finished"));
        if (edit is "uncopied" or "ignored")
            events.ShouldNotContain(e => e.Json.ToJsonString().Contains("README.md") || e.Json.ToJsonString().Contains("notes.bak"));
        (await _namespace.PodsAsync(Quickstart.App)).ShouldBe(before);
        (await _namespace.VersionOfAsync("deployment", Quickstart.App)).ShouldBe(version);
    }

    [Fact]
    public async Task A_save_by_rename_counts_as_one_edit()
    {
        string page = TestProject.Fresh();
        int mark = _up.Events.Count;

        _project.WriteAtomically("site/index.html", page);

        await _up.SeenAsync("build_finished", _project.Image("app"), outcome: "built", from: mark);
        await _up.ReadyAsync(mark);
        _up.Events.Since(mark).Count(e => e.Is("build_started")).ShouldBe(1);
        _up.Events.Since(mark).Count(e => e.Is("deploy_started")).ShouldBe(1);
        (await Browser.GetAsync(session.Port, "index.html")).ShouldBe(page);
    }

    [Fact]
    public async Task Pods_of_a_workload_whose_image_did_not_change_stay()
    {
        PodSeen before = await _namespace.PodAsync("side");
        int mark = _up.Events.Count;

        _project.Write("site/index.html", TestProject.Fresh());

        await _up.SeenAsync("deploy_finished", resource: Quickstart.App, from: mark);
        await _up.ReadyAsync(mark);
        (await _namespace.PodAsync("side")).ShouldBe(before);
        _up.Events.Since(mark).ShouldNotContain(e => e.Is("deploy_started", null, "side", null));
    }

    public sealed class Session : IAsyncLifetime
    {
        internal TestNamespace Namespace { get; private set; } = null!;

        internal TestProject Project { get; private set; } = null!;

        internal DevloopProcess Up { get; private set; } = null!;

        public int Port { get; } = Browser.FreePort();

        public async Task InitializeAsync()
        {
            Namespace = await TestNamespace.CreateAsync();
            Project = await Quickstart.CreateAsync(Namespace, Port);
            string side = Project.Image("side");
            Project
                .WithBusybox("side")
                .Write("side/Dockerfile", TestProject.Busybox + "ENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n")
                .Write("side.yml", ManifestText.Deployment("side", side));
            string config = File.ReadAllText(Project.PathOf("devloop.yaml"));
            Project.Write("devloop.yaml", config.Replace("[app.yml]", "[app.yml, side.yml]").Replace("images:\n", $"images:\n  {side}: {{context: side}}\n"));
            Up = DevloopProcess.Start(Project, "up");
            int mark = (await Up.ReadyAsync()).Index + 1;
            // The first answer to an edit says that the watch stands.
            Project.Write("site/index.html", File.ReadAllText(Project.PathOf("site/index.html")));
            await Up.SeenAsync("build_finished", Project.Image("app"), outcome: "unchanged", from: mark);
        }

        public async Task DisposeAsync()
        {
            await Up.DisposeAsync();
            await Project.DisposeAsync();
            await Namespace.DisposeAsync();
        }
    }
}
