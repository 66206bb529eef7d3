using System.Text.Json.Nodes;
using System.Xml.Linq;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>What `ci` leaves behind in files, however it ends.</summary>
[Trait("Needs", "Cluster")]
public sealed class CiReportTests
{
    private static string Registry => Environment.GetEnvironmentVariable("DEVLOOP_TEST_REGISTRY") is { Length: > 0 } set ? set : "127.0.0.1:5005";

    private static readonly string[] Reports = ["--report", "junit=out/report.xml", "--report", "json=out/report.json"];

    [Fact]
    public async Task A_run_that_succeeds_reports_every_image_and_resource()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace);

        (await DevloopProcess.RunAsync(project, ["ci", .. Reports, "--artifacts", "out/images.json"])).ShouldExitWith(0);

        XElement suites = Xml(project);
        Cases(suites, "builds").ShouldBe([project.Image("base"), project.Image("app")]);
        Cases(suites, "deploys").ShouldBe([Quickstart.App]);
        Cases(suites, "health").ShouldBe([Quickstart.App]);
        suites.Descendants("failure").ShouldBeEmpty();
        suites.Descendants("skipped").ShouldBeEmpty();
        JsonNode json = Json(project);
        ((string?)json["outcome"]).ShouldBe("succeeded");
        ((string?)json["resources"]![0]!["status"]).ShouldBe("ready");
        ((string?)json["images"]![0]!["key"]).ShouldNotBeNull().Length.ShouldBe(64);
        json["stages"]!["ready"].ShouldNotBeNull();
        JsonNode images = JsonNode.Parse(File.ReadAllText(project.PathOf("out/images.json")))!;
        ((bool?)images["images"]![0]!["pushed"]).ShouldBe(false);
        ((string?)images["images"]![0]!["reference"]).ShouldBe($"{project.Image("base")}:{(string?)json["images"]![0]!["tag"]}");
        Directory.GetFiles(project.PathOf("out")).Length.ShouldBe(3, "nothing unfinished is left");
    }

    [Fact]
    public async Task A_build_that_fails_is_told_at_its_line_to_every_reader()
    {
        await using TestProject project = Gated("echo the last words; exit 7\n");
        string summary = project.PathOf("summary.md");
        project.Environment["GITHUB_ACTIONS"] = "true";
        project.Environment["GITHUB_WORKSPACE"] = Path.GetDirectoryName(project.Directory);
        project.Environment["GITHUB_STEP_SUMMARY"] = summary;
        File.WriteAllText(summary, "before\n");
        project.Write("out/images.json", "of an earlier run");

        Ended ended = (await DevloopProcess.RunAsync(project, ["ci", .. Reports, "--artifacts", "out/images.json"])).ShouldExitWith(3);

        XElement failure = Xml(project).Descendants("failure").ShouldHaveSingleItem();
        ((string?)failure.Parent!.Attribute("name")).ShouldBe(project.Image("app"));
        ((string?)failure.Attribute("type")).ShouldBe("DL3001");
        failure.Value.ShouldContain("Dockerfile:4:1");
        failure.Value.ShouldContain("the last words");
        ((int?)Json(project)["exit_code"]).ShouldBe(3);
        ended.Error.Split('\n').ShouldContain(l => l.StartsWith("::error file=project/Dockerfile,line=4,col=1,title=DL3001::", StringComparison.Ordinal));
        string told = File.ReadAllText(summary);
        told.ShouldStartWith("before\n### devloop ci: ");
        told.ShouldContain("the last words");
        File.Exists(project.PathOf("out/images.json")).ShouldBeFalse("what is there would be of another run");
    }

    [Fact]
    public async Task A_config_that_cannot_be_read_is_reported_too()
    {
        await using TestProject project = Gated("true\n");
        project.Write("devloop.yaml", "version: 1\nimags: {}\n");
        (await DevloopProcess.RunAsync(project, ["ci", .. Reports])).ShouldExitWith(2);
        ((string?)Xml(project).Descendants("failure").ShouldHaveSingleItem().Attribute("type")).ShouldBe("DL1003");
        ((string?)Json(project)["outcome"]).ShouldBe("usage");
    }

    [Fact]
    public async Task An_interrupt_leaves_reports()
    {
        await using TestProject project = Gated(TestProject.Shut);
        await using DevloopProcess ci = DevloopProcess.Start(project, ["ci", .. Reports]);
        await ci.SeenAsync("build_started", project.Image("app"));
        await ci.StopAsync();
        ((string?)Json(project)["outcome"]).ShouldBe("interrupted");
        ((string?)Xml(project).Descendants("failure").ShouldHaveSingleItem().Attribute("message")).ShouldBe("the run was interrupted");
    }

    [Fact]
    public async Task What_is_not_healthy_or_not_in_time_is_a_failure_of_health_with_its_last_output()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace);
        project.Write("app.yml", ManifestText.Deployment(Quickstart.App, project.Image("app"), """
                      command: ["/bin/busybox", "sh", "-c", "echo going down; /bin/busybox sleep 1; exit 3"]
                      readinessProbe: {exec: {command: ["/bin/busybox", "false"]}}
            """));
        (await DevloopProcess.RunAsync(project, ["ci", .. Reports])).ShouldExitWith(5);
        XElement failure = Xml(project).Descendants("failure").ShouldHaveSingleItem();
        ((string?)failure.Parent!.Attribute("classname")).ShouldBe("health");
        ((string?)failure.Attribute("type")).ShouldBe("DL4010");
        failure.Value.ShouldContain("going down");

        project.Write("app.yml", ManifestText.Deployment(Quickstart.App, project.Image("app"), """
                      readinessProbe: {exec: {command: ["/bin/busybox", "false"]}}
            """));
        (await DevloopProcess.RunAsync(project, ["ci", "--timeout", "8s", .. Reports])).ShouldExitWith(5);
        ((string?)Xml(project).Descendants("failure").ShouldHaveSingleItem().Attribute("type")).ShouldBe("DL4011");
        ((string?)Json(project)["resources"]![0]!["outcome"]).ShouldBe("applied");
    }

    [Fact]
    public async Task Images_are_deployed_by_other_tools_by_the_reference_in_the_list()
    {
        await using TestProject project = Gated("true\n", $"registry: {{host: \"{Registry}\"}}\n");
        (await DevloopProcess.RunAsync(project, "ci", "--build-only", "--push", "--artifacts", "images.json")).ShouldExitWith(0);
        JsonNode image = JsonNode.Parse(File.ReadAllText(project.PathOf("images.json")))!["images"]!.AsArray().ShouldHaveSingleItem()!;
        string reference = (string)image["reference"]!;
        reference.ShouldMatch($"^{Registry}/{project.Image("app")}@sha256:[0-9a-f]{{64}}$");
        ((bool?)image["pushed"]).ShouldBe(true);
        reference.ShouldEndWith((string)image["manifest_digest"]!);
        ((string?)image["platforms"]![0]).ShouldStartWith("linux/");

        await project.RemoveImagesAsync();
        await Tool.OutputAsync("docker", "pull", reference);
        (await Tool.OutputAsync("docker", "inspect", "--format", "{{.Id}}", reference)).Trim().ShouldBe((string)image["digest"]!);
        await Tool.OutputAsync("docker", "rmi", reference);
    }

    [Fact]
    public async Task A_base_that_was_published_once_is_built_on_in_another_repository_by_its_tag()
    {
        await using TestProject bases = Gated("true\n", $"registry: {{host: \"{Registry}\"}}\n");
        (await DevloopProcess.RunAsync(bases, "ci", "--build-only", "--push", "--artifacts", "images.json")).ShouldExitWith(0);
        JsonNode published = JsonNode.Parse(File.ReadAllText(bases.PathOf("images.json")))!["images"]![0]!;
        string @base = $"{Registry}/{bases.Image("app")}:{(string)published["tag"]!}";
        await bases.RemoveImagesAsync();

        await using TestProject app = TestProject.Create();
        app.Write("page", TestProject.Fresh()).Write("Dockerfile", $"FROM {@base}\nCOPY page /page\n")
            .Write("devloop.yaml", $"version: 1\nname: {app.Id}\nimages:\n  {app.Image("app")}: {{}}\n");
        Ended built = (await DevloopProcess.RunAsync(app, "build", "--output", "json")).ShouldExitWith(0);
        string reference = (string)JsonNode.Parse(built.Out)!["images"]![0]!["reference"]!;
        (await Tool.OutputAsync("docker", "run", "--rm", "--network", "none", "--entrypoint", "/bin/busybox", reference, "cat", "/page")).ShouldBe(File.ReadAllText(app.PathOf("page")));
        // The base is the very one that was published: its first layers are those of the child.
        (await DevloopProcess.RunAsync(app, "build", "--output", "json")).ShouldExitWith(0).Out.ShouldContain("\"reused\"");
    }

    private static TestProject Gated(string gate, string more = "")
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox().Write("gate", gate + $"# {TestProject.Fresh()}")
            .Write("Dockerfile", TestProject.Busybox + TestProject.Gate)
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\n{more}images:\n  {project.Image("app")}: {{}}\n");
    }

    private static XElement Xml(TestProject project) => XDocument.Load(project.PathOf("out/report.xml")).Root!;

    private static JsonNode Json(TestProject project) => JsonNode.Parse(File.ReadAllText(project.PathOf("out/report.json")))!;

    private static string?[] Cases(XElement suites, string suite) => [.. suites.Elements("testsuite").Single(s => (string?)s.Attribute("name") == suite).Elements("testcase").Select(c => (string?)c.Attribute("name"))];
}
