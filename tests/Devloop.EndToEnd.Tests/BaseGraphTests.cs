using System.Text;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Graphs of bases under one `up` without a cluster: what is built, how often, and in which order.</summary>
[Trait("Needs", "Engine")]
public sealed class BaseGraphTests
{
    public static TheoryData<string, string> Graphs => new()
    {
        { "four levels", "a; b: a; c: b; d: c" },
        { "a diamond", "a; b: a; c: a; d: b c" },
        { "a base of ten", "a; b: a; c: a; d: a; e: a; f: a; g: a; h: a; i: a; j: a; k: a" },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public async Task A_change_of_the_root_builds_each_image_once_and_every_child_after_its_own_bases(string name, string graph)
    {
        name.ShouldNotBeEmpty();
        Dictionary<string, string[]> bases = Read(graph);
        await using TestProject project = Create(bases);
        await using DevloopProcess up = DevloopProcess.Start(project, "up");
        RunEvent started = await up.SeenAsync("ready");
        ShouldBuildEachOnce(project, bases, up.Events.All);

        project.Write("a/content", TestProject.Fresh());

        int mark = started.Index + 1;
        RunEvent[] last = await Task.WhenAll(bases.Keys.Select(i => up.SeenAsync("build_finished", project.Image(i), outcome: "built", from: mark)));
        await up.SeenAsync("ready", from: last.Max(e => e.Index));
        ShouldBuildEachOnce(project, bases, up.Events.Since(mark));
        await up.StopAsync();
    }

    [Fact]
    public async Task A_child_starts_when_its_own_base_is_done_whatever_others_still_build()
    {
        Dictionary<string, string[]> bases = Read("slow; slowchild: slow; quick; quickchild: quick");
        await using TestProject project = Create(bases);
        project.Write("slow/gate", TestProject.Shut);
        await using DevloopProcess up = DevloopProcess.Start(project, "up");

        // The slow base cannot be done before its gate opens: what is seen until then did not wait for it.
        await up.SeenAsync("build_started", project.Image("slow"));
        await up.SeenAsync("build_finished", project.Image("quickchild"), outcome: "built");
        up.Events.All.ShouldNotContain(e => e.Is("build_finished", project.Image("slow"), null, null));

        project.Write("slow/gate", "/bin/busybox true\n");
        await up.SeenAsync("build_finished", project.Image("slowchild"), outcome: "built");
        up.Events.All.Count(e => e.Is("build_started", project.Image("slowchild"))).ShouldBe(1);
        await up.StopAsync();
    }

    [Fact]
    public async Task A_base_whose_Dockerfile_changed_in_a_comment_is_looked_at_and_its_child_left_alone()
    {
        Dictionary<string, string[]> bases = Read("a; b: a");
        await using TestProject project = Create(bases);
        await using DevloopProcess up = DevloopProcess.Start(project, "up");
        int mark = (await up.SeenAsync("ready")).Index + 1;
        string before = up.Events.All.Last(e => e.Is("build_finished", project.Image("a"), null, "built")).Text("digest")!;

        project.Write("a/Dockerfile", "# A comment.\n" + File.ReadAllText(project.PathOf("a/Dockerfile")));

        RunEvent looked = await up.SeenAsync("build_finished", project.Image("a"), from: mark);
        (looked.Outcome == "unchanged" || looked.Text("digest") == before).ShouldBeTrue(looked.Json.ToJsonString());
        await up.SeenAsync("ready", from: looked.Index);
        up.Events.Since(mark).ShouldNotContain(e => e.Is("build_started", project.Image("b"), null, null));
        await up.StopAsync();
    }

    [Fact]
    public async Task A_base_that_is_built_anew_and_comes_out_the_same_leaves_its_child_alone()
    {
        Dictionary<string, string[]> bases = Read("a; b: a");
        await using TestProject project = Create(bases);
        // The note goes into the first stage, and nothing of it into the image.
        project.Write("a/Dockerfile", TestProject.Busybox.Replace("scratch", "scratch AS work") + "COPY content /content\nFROM scratch\nCOPY --from=work /bin/busybox /bin/busybox\n");
        project.Write("b/Dockerfile", $"FROM {project.Image("a")}\nCOPY content /content-b\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up");
        int mark = (await up.SeenAsync("ready")).Index + 1;
        string before = up.Events.All.Last(e => e.Is("build_finished", project.Image("a"), null, "built")).Text("digest")!;

        project.Write("a/content", TestProject.Fresh());

        RunEvent built = await up.SeenAsync("build_finished", project.Image("a"), outcome: "built", from: mark);
        built.Text("digest").ShouldBe(before);
        built.Json["changed"]!.GetValue<bool>().ShouldBeFalse();
        await up.SeenAsync("ready", from: built.Index);
        up.Events.Since(mark).ShouldNotContain(e => e.Is("build_started", project.Image("b"), null, null));
        await up.StopAsync();
    }

    /// <summary>`d: b c` says that d is built on b and takes files from c.</summary>
    private static Dictionary<string, string[]> Read(string graph) =>
        graph.Split(';', StringSplitOptions.TrimEntries).Select(line => line.Split(':', StringSplitOptions.TrimEntries))
            .ToDictionary(l => l[0], l => l.Length == 1 ? [] : l[1].Split(' '));

    private static TestProject Create(Dictionary<string, string[]> bases)
    {
        TestProject project = TestProject.Create();
        var config = new StringBuilder($"version: 1\nname: {project.Id}\nimages:\n");
        foreach ((string image, string[] needed) in bases)
        {
            config.Append($"  {project.Image(image)}: {{context: {image}}}\n");
            string gated = "COPY content /content-" + image + "\n" + TestProject.Gate;
            project.Write($"{image}/content", TestProject.Fresh()).Write($"{image}/gate", "/bin/busybox true\n");
            if (needed.Length == 0)
                project.WithBusybox(image).Write($"{image}/Dockerfile", TestProject.Busybox + gated);
            else
                project.Write($"{image}/Dockerfile", $"FROM {project.Image(needed[0])}\n" + string.Concat(needed.Skip(1).Select(n => $"COPY --from={project.Image(n)} /content-{n} /\n")) + gated);
        }
        return project.Write("devloop.yaml", config.ToString());
    }

    private static void ShouldBuildEachOnce(TestProject project, Dictionary<string, string[]> bases, IReadOnlyList<RunEvent> events)
    {
        RunEvent Only(string type, string image) => events.Where(e => e.Is(type, project.Image(image)) && e.Outcome != "unchanged").ShouldHaveSingleItem();
        foreach ((string image, string[] needed) in bases)
        {
            RunEvent starts = Only("build_started", image);
            Only("build_finished", image).Outcome.ShouldBe("built");
            foreach (string one in needed)
                starts.Index.ShouldBeGreaterThan(Only("build_finished", one).Index);
        }
    }
}
