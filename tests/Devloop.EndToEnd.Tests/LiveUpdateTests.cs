using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>One `devloop up` with `live_update: auto`, running while the class's tests edit its files: no pod is replaced.</summary>
[Trait("Needs", "Cluster")]
public sealed class LiveUpdateTests(LiveUpdateTests.Session session) : IClassFixture<LiveUpdateTests.Session>
{
    private readonly TestProject _project = session.Project;
    private readonly TestNamespace _namespace = session.Namespace;
    private readonly DevloopProcess _up = session.Up;

    [Fact]
    public async Task Twenty_edits_are_each_served_at_once_by_the_same_container()
    {
        (string Pod, string Container, int Restarts) before = await _namespace.IdentityAsync();
        for (int i = 0; i < 20; i++)
        {
            string page = TestProject.Fresh();
            int mark = _up.Events.Count;
            _project.Write("site/index.html", page);
            RunEvent updated = await _up.UpdatedAsync(mark);
            (await Browser.GetAsync(session.Port, "index.html")).ShouldBe(page);
            updated.Json["files"]!.AsArray().ShouldHaveSingleItem()!.ToJsonString().ShouldBe("""{"from":"site/index.html","to":"/site/index.html"}""");
            _up.Events.Since(mark).ShouldNotContain(e => e.Is("deploy_started"));
        }
        (await _namespace.IdentityAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task An_edit_of_the_base_is_served_without_a_build_that_anybody_waits_for()
    {
        (string, string, int) before = await _namespace.IdentityAsync();
        string banner = TestProject.Fresh();
        int mark = _up.Events.Count;
        _project.Write("package/banner.txt", banner);
        RunEvent updated = await _up.UpdatedAsync(mark);
        (await Browser.GetAsync(session.Port, "banner.txt")).ShouldBe(banner);
        _up.Events.Since(mark).Where(e => e.Index < updated.Index).ShouldNotContain(e => e.Is("build_started"));
        // Both images follow in the background, and nothing is deployed for them.
        await _up.SeenAsync("build_finished", _project.Image("base"), outcome: "built", from: mark);
        RunEvent built = await _up.SeenAsync("build_finished", _project.Image("app"), outcome: "built", from: mark);
        ((bool?)built.Json["background"]).ShouldBe(true);
        _up.Events.Since(mark).ShouldNotContain(e => e.Is("deploy_started"));
        (await _namespace.IdentityAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Deletes_renames_modes_and_moved_directories_arrive()
    {
        await EditAsync(() =>
        {
            _project.Write("site/old/a.txt", "a\n").Write("site/old/deep/b.txt", "b\n").Write("site/run.sh", "#!/bin/sh\n");
        });
        await EditAsync(() =>
        {
            Directory.Move(_project.PathOf("site/old"), _project.PathOf("site/new"));
            File.Move(_project.PathOf("site/run.sh"), _project.PathOf("site/go.sh"));
        });
        (await Browser.GetAsync(session.Port, "new/deep/b.txt")).ShouldBe("b\n");
        await MissingAsync("old/a.txt");
        await MissingAsync("run.sh");
        int mark = _up.Events.Count;
        await Tool.OutputAsync("chmod", "740", _project.PathOf("site/go.sh"));
        await _up.SeenAsync("ready", from: (await _up.UpdatedAsync(mark)).Index);
        (await _namespace.InPodAsync("stat", "-c", "%a %u:%g", "/site/go.sh")).Trim().ShouldBe("740 0:0");
        await EditAsync(() =>
        {
            File.CreateSymbolicLink(_project.PathOf("site/link"), "new/a.txt");
        });
        (await _namespace.InPodAsync("readlink", "/site/link")).Trim().ShouldBe("new/a.txt");
        await EditAsync(() =>
        {
            Directory.Delete(_project.PathOf("site/new"), recursive: true);
            File.Delete(_project.PathOf("site/link"));
        });
        await MissingAsync("new/a.txt");
        (await _namespace.InPodAsync("sh", "-c", "ls -d /site/new /site/link 2>/dev/null || echo none")).Trim().ShouldBe("none");
    }

    [Theory]
    [InlineData("with spaces and ümläut – 漢字.txt")]
    [InlineData("two\nlines.txt")]
    [InlineData("-rf")]
    [InlineData(".wh.hidden")]
    public async Task A_file_may_have_any_name(string name)
    {
        string text = TestProject.Fresh();
        await EditAsync(() =>
        {
            File.WriteAllText(_project.PathOf("site/" + name), text);
        });
        (await _namespace.InPodAsync("cat", "/site/" + name)).ShouldBe(text);
        await EditAsync(() =>
        {
            File.Delete(_project.PathOf("site/" + name));
        });
        (await _namespace.InPodAsync("ls", "-A", "/site")).ShouldNotContain(name.Split('\n')[0]);
    }

    [Fact]
    public async Task A_thousand_files_arrive_in_one_update()
    {
        byte[] content = RandomNumberGenerator.GetBytes(4096);
        Directory.CreateDirectory(_project.PathOf("many"));
        for (int i = 0; i < 1000; i++)
            File.WriteAllBytes(_project.PathOf($"many/{i:000}.bin"), content);
        int mark = _up.Events.Count;
        Directory.Move(_project.PathOf("many"), _project.PathOf("site/many"));
        await _up.UpdatedAsync(mark);
        (await _namespace.InPodAsync("sh", "-c", "cat /site/many/*.bin | sha256sum; ls /site/many | wc -l")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe([Convert.ToHexStringLower(SHA256.HashData([.. Enumerable.Range(0, 1000).SelectMany(_ => content)])), "-", "1000"]);
        mark = _up.Events.Count;
        Directory.Move(_project.PathOf("site/many"), _project.PathOf("many"));
        await _up.UpdatedAsync(mark);
        await MissingAsync("many/999.bin");
    }

    [Fact]
    public async Task A_file_of_two_hundred_megabytes_arrives_whole()
    {
        string sum;
        using (FileStream file = File.Create(_project.PathOf("large.bin")))
        {
            byte[] block = RandomNumberGenerator.GetBytes(1 << 20);
            for (int i = 0; i < 200; i++)
            {
                block[0] = (byte)i;
                file.Write(block);
            }
            file.Position = 0;
            sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
        }
        int mark = _up.Events.Count;
        File.Move(_project.PathOf("large.bin"), _project.PathOf("site/large.bin"));
        await _up.UpdatedAsync(mark);
        (await _namespace.InPodAsync("sha256sum", "/site/large.bin")).Split(' ')[0].ShouldBe(sum);
        mark = _up.Events.Count;
        File.Delete(_project.PathOf("site/large.bin"));
        await _up.UpdatedAsync(mark);
    }

    [Fact]
    public async Task What_the_plan_says_of_an_edit_is_what_happens()
    {
        Ended plan = (await DevloopProcess.RunAsync(_project, "plan", "--changed", "site/index.html", "--output", "json")).ShouldExitWith(0);
        JsonNode.Parse(plan.Out)!["live_updates"]!.ToJsonString().ShouldBe("[{\"resource\":\"web\",\"files\":[{\"from\":\"site/index.html\",\"to\":\"/site/index.html\"}],\"restart\":false}]");
    }

    /// <summary>One change of files that is one update, or the parts of it that came apart in time.</summary>
    private async Task EditAsync(Action edit)
    {
        int mark = _up.Events.Count;
        edit();
        await _up.SeenAsync("ready", from: (await _up.UpdatedAsync(mark)).Index);
    }

    private async Task MissingAsync(string path)
    {
        HttpRequestException missing = await Should.ThrowAsync<HttpRequestException>(Browser.GetAsync(session.Port, path));
        missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
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
            Project = await LiveProject.CreateAsync(Namespace, Port);
            Up = DevloopProcess.Start(Project, "up");
            await Up.ReadyAsync();
        }

        public async Task DisposeAsync()
        {
            await Up.StopAsync();
            await Up.DisposeAsync();
            await Namespace.DisposeAsync();
            await Project.DisposeAsync();
        }
    }
}
