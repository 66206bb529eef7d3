using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>`plan` and `inputs` on the real engine, without a cluster.</summary>
[Trait("Needs", "Engine")]
public sealed class PlanCommandTests
{
    [Fact]
    public async Task A_plan_says_what_a_build_then_does()
    {
        await using TestProject project = Create();
        string[] before = Actions(await PlanAsync(project));
        string[] first = await OutcomesAsync(project);
        string[] after = Actions(await PlanAsync(project));
        project.Write("package.txt", TestProject.Fresh());
        JsonObject edited = await PlanAsync(project);
        string[] second = await OutcomesAsync(project);

        before.ShouldBe(["build", "build"]);
        first.ShouldBe(["built", "built"]);
        after.ShouldBe(["reuse", "reuse"]);
        Actions(edited).ShouldBe(["build", "maybe"]);
        JsonNode reason = edited["builds"]![0]!["reasons"]!.AsArray().Single()!;
        ((string)reason["path"]!, (int)reason["line"]!).ShouldBe(("package.txt", 3));
        second.ShouldBe(["built", "built"]);
    }

    [Fact]
    public async Task A_maybe_becomes_nothing_when_the_base_comes_out_the_same()
    {
        await using TestProject project = Create("FROM scratch AS tools\nCOPY package.txt /\nFROM scratch\nCOPY busybox /bin/\n");
        await OutcomesAsync(project);
        project.Write("package.txt", TestProject.Fresh());

        Actions(await PlanAsync(project)).ShouldBe(["reuse", "reuse"]); // no stage of the target reads it

        project.Write("base.dockerfile", "FROM scratch AS tools\nCOPY package.txt busybox /\nFROM scratch\nCOPY --from=tools /busybox /bin/\n");
        await OutcomesAsync(project);
        project.Write("package.txt", TestProject.Fresh());
        Actions(await PlanAsync(project)).ShouldBe(["build", "maybe"]);
        (await OutcomesAsync(project)).ShouldBe(["built", "reused"]);
    }

    [Fact]
    public async Task Inputs_are_the_files_that_a_build_reads_and_the_key_is_that_of_the_build()
    {
        await using TestProject project = Create();
        project.Write(".dockerignore", "**/*.md\n").Write("site/a b.html", "x").Write("site/deep/ä.html", "y").Write("site/read.md", "z").Write("unread.txt", "u");
        string app = project.Image("app");

        JsonObject unbuilt = await InputsAsync(project, app);
        string key = (string)JsonNode.Parse((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0).Out)!["images"]![1]!["key"]!;
        JsonObject built = await InputsAsync(project, app);

        unbuilt["key"].ShouldBeNull();
        ((string)built["key"]!).ShouldBe(key);
        built["files"]!.AsArray().Select(f => (string)f!).ShouldBe(["site/a b.html", "site/deep/ä.html"]);
        built["bases"]!.AsArray().Single()!.ToJsonString().ShouldBe($$"""{"reference":"{{project.Image("base")}}","image":"{{project.Image("base")}}"}""");
        ((string)built["image"]!, (string)built["context"]!, (string)built["dockerfile"]!, (string?)built["target"]).ShouldBe((app, ".", "app.dockerfile", null));
    }

    [Fact]
    public async Task Without_an_engine_inputs_and_edits_are_still_told()
    {
        await using TestProject project = Create();
        project.Environment["DOCKER_HOST"] = "tcp://127.0.0.1:" + Browser.FreePort();

        (await InputsAsync(project, project.Image("base")))["files"]!.AsArray().Select(f => (string)f!).ShouldBe(["busybox", "package.txt"]);
        JsonObject forecast = Document(await DevloopProcess.RunAsync(project, "plan", "--changed", "package.txt", "--changed", "unread.txt", "--output", "json"));
        Actions(forecast).ShouldBe(["build", "maybe"]);
        forecast["paths"]!.AsArray().Select(p => p!["images"]!.AsArray().Count(i => (bool)i!["reads"]!)).ShouldBe([1, 0]);
        (await DevloopProcess.RunAsync(project, "plan")).ShouldExitWith(6).ShouldSay("DL5001", "help: ");
    }

    /// <summary>An edited file back to what it was, by whatever way, is no edit.</summary>
    [Fact]
    public async Task Touching_saving_the_same_and_going_back_with_git_build_nothing()
    {
        await using TestProject project = Create();
        project.Write(".gitignore", "busybox\n");
        await GitAsync(project, "init", "--quiet", "--initial-branch=main");
        await GitAsync(project, "add", ".");
        await GitAsync(project, "commit", "--quiet", "-m", "first");
        await OutcomesAsync(project);

        File.SetLastWriteTimeUtc(project.PathOf("package.txt"), DateTime.UtcNow.AddDays(1));
        (await OutcomesAsync(project)).ShouldBe(["reused", "reused"]);
        project.WriteAtomically("package.txt", await File.ReadAllTextAsync(project.PathOf("package.txt")));
        (await OutcomesAsync(project)).ShouldBe(["reused", "reused"]);

        await GitAsync(project, "checkout", "--quiet", "-b", "other");
        project.Write("package.txt", TestProject.Fresh());
        await GitAsync(project, "commit", "--quiet", "-am", "second");
        (await OutcomesAsync(project)).ShouldBe(["built", "built"]);
        await GitAsync(project, "checkout", "--quiet", "main");
        (await OutcomesAsync(project)).ShouldBe(["reused", "reused"]);
        await GitAsync(project, "checkout", "--quiet", "other");
        (await OutcomesAsync(project)).ShouldBe(["reused", "reused"]);
    }

    [Fact]
    public async Task A_trigger_of_a_base_makes_files_inputs_of_the_image_on_it()
    {
        await using TestProject project = TestProject.Create();
        project.WithBusybox().Write("base.dockerfile", "FROM scratch\nCOPY busybox /bin/\nONBUILD COPY page /page\n")
            .Write("app.dockerfile", $"FROM {project.Image("base")}\n").Write("page", TestProject.Fresh())
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n" + string.Concat(new[] { "base", "app" }.Select(i => $"  {project.Image(i)}: {{dockerfile: {i}.dockerfile}}\n")));

        (await OutcomesAsync(project)).ShouldBe(["built", "built"]);
        (await InputsAsync(project, project.Image("app")))["files"]!.AsArray().Select(f => (string)f!).ShouldBe(["page"]);
        project.Write("page", TestProject.Fresh());
        (await OutcomesAsync(project)).ShouldBe(["reused", "built"]);
    }

    private static TestProject Create(string? baseDockerfile = null)
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox().Write("package.txt", TestProject.Fresh()).Write("unread.txt", "u")
            .Write("base.dockerfile", baseDockerfile ?? "FROM scratch\nCOPY busybox /bin/\nCOPY package.txt /\n")
            .Write("app.dockerfile", $"FROM {project.Image("base")}\nCOPY site /site\n").Write("site/.keep", "")
            .Write("site/index.md", "read by nothing once it is ignored")
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n  {project.Image("base")}: {{dockerfile: base.dockerfile}}\n  {project.Image("app")}: {{dockerfile: app.dockerfile, ignore: [site/.keep, site/index.md]}}\n");
    }

    private static async Task<JsonObject> PlanAsync(TestProject project) => Document(await DevloopProcess.RunAsync(project, "plan", "--output", "json"));

    private static async Task<JsonObject> InputsAsync(TestProject project, string image) => Document(await DevloopProcess.RunAsync(project, "inputs", image, "--output", "json"));

    private static JsonObject Document(Ended ended) => JsonNode.Parse(ended.ShouldExitWith(0).Out)!.AsObject();

    private static string[] Actions(JsonObject plan) => [.. plan["builds"]!.AsArray().Select(b => (string)b!["action"]!)];

    private static async Task<string[]> OutcomesAsync(TestProject project) =>
        [.. Document(await DevloopProcess.RunAsync(project, "build", "--output", "json"))["images"]!.AsArray().Select(i => (string)i!["outcome"]!)];

    private static Task<string> GitAsync(TestProject project, params string[] arguments) =>
        Tool.OutputAsync("git", ["-C", project.Directory, "-c", "user.name=test", "-c", "user.email=test@localhost", .. arguments]);
}
