using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>`prune` and directories of named contexts on the real engine.</summary>
[Trait("Needs", "Engine")]
public sealed class PruneCommandTests
{
    [Fact]
    public async Task Old_images_go_and_what_is_needed_stays()
    {
        await using TestProject project = Create();
        string[] built = [await BuildAsync(project, "one"), await BuildAsync(project, "two"), await BuildAsync(project, "three")];
        await Tool.OutputAsync("docker", "create", "--name", project.Id, built[0], "/never-run");
        try
        {
            JsonNode plan = JsonNode.Parse((await DevloopProcess.RunAsync(project, "prune", "--keep", "1", "--dry-run", "--output", "json")).ShouldExitWith(0).Out)!;
            References(plan, "removed").ShouldBe([built[1]]);
            await Tool.OutputAsync("docker", "image", "inspect", built[1]);

            Ended ended = (await DevloopProcess.RunAsync(project, "prune", "--keep", "1", "-v")).ShouldExitWith(0);
            ended.Error.ShouldContain($"Removed {built[1]}");
            ended.Error.ShouldContain($"Kept {built[0]}  engine: a container uses it");
            ended.Error.ShouldContain($"Kept {built[2]}  engine: the config leads to it now");
            ended.Error.ShouldContain("1 image removed, 2 kept");
        }
        finally
        {
            await Tool.OutputAsync("docker", "rm", project.Id);
        }
        (await Tool.OutputAsync("docker", "images", "--format", "{{.Repository}}:{{.Tag}}", project.Image("app"))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe([built[0], built[2]], ignoreOrder: true);
    }

    [Fact]
    public async Task A_directory_beside_the_context_is_built_from_and_only_what_is_taken_counts()
    {
        await using TestProject project = Create();
        project.Write("lib/taken", "one").Write("lib/other", "one")
            .Write("app.dockerfile", "FROM scratch AS tools\nCOPY busybox /bin/busybox\nFROM tools\nCOPY --from=lib taken /copied\nRUN --mount=from=lib,source=taken,target=/mounted [\"/bin/busybox\", \"cp\", \"/mounted\", \"/ran\"]\n")
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n  {project.Image("app")}: {{context: app, dockerfile: app.dockerfile, contexts: {{lib: lib}}}}\n")
            .WithBusybox("app");

        (await DevloopProcess.RunAsync(project, "build")).ShouldExitWith(0);
        project.Write("lib/other", "two");
        JsonNode unread = JsonNode.Parse((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0).Out)!;
        project.Write("lib/taken", "two");
        JsonNode read = JsonNode.Parse((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0).Out)!;

        Outcomes(unread).ShouldBe(["reused", "reused"]);
        Outcomes(read).ShouldBe(["built", "built"]);
        string container = (await Tool.OutputAsync("docker", "create", (string)read["images"]![1]!["reference"]!, "/never-run")).Trim();
        try
        {
            foreach (string file in new[] { "copied", "ran" })
            {
                await Tool.OutputAsync("docker", "cp", $"{container}:/{file}", project.PathOf(file));
                (await File.ReadAllTextAsync(project.PathOf(file))).ShouldBe("two");
            }
        }
        finally
        {
            await Tool.OutputAsync("docker", "rm", container);
        }
    }

    private static IEnumerable<string> Outcomes(JsonNode build) => build["images"]!.AsArray().Select(i => (string)i!["outcome"]!);

    private static IEnumerable<string> References(JsonNode report, string list) => report[list]!.AsArray().Select(i => (string)i!["reference"]!);

    private static async Task<string> BuildAsync(TestProject project, string content)
    {
        project.Write("page", content);
        return (string)JsonNode.Parse((await DevloopProcess.RunAsync(project, "build", "--output", "json")).ShouldExitWith(0).Out)!["images"]![0]!["reference"]!;
    }

    private static TestProject Create()
    {
        TestProject project = TestProject.Create();
        return project.Write("Dockerfile", "FROM scratch\nCOPY page /page\n").Write("page", TestProject.Fresh())
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages: {{{project.Image("app")}: {{}}}}\n");
    }
}
