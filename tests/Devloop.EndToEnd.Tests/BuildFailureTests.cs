using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Builds that go wrong on the real engine: the exit code, and where the message points.</summary>
[Trait("Needs", "Engine")]
public sealed class BuildFailureTests
{
    [Theory]
    [InlineData("COPY busybox /bin/busybox\nCOPY missing /missing\n", "missing")]
    [InlineData("COPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"false\"]\n", "false")]
    [InlineData("COPY busybox /bin/busybox\nCOPY --chown=nobody busybox /owned\n", "nobody")]
    public async Task A_Dockerfile_that_the_engine_cannot_build_is_3_and_points_at_its_line(string instructions, string word)
    {
        await using TestProject project = OneImage("FROM scratch\n" + instructions);

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(3);

        ended.ShouldSay("Dockerfile:3", word);
        ended.ShouldNotSay("rpc error");
        ended.ShouldEndSaying(1, "1 image failed");
    }

    [Fact]
    public async Task A_Dockerfile_that_is_not_one_is_a_config_error_with_its_line_and_the_nearest_word()
    {
        await using TestProject project = OneImage("FROM scratch\nCOPPY busybox /bin/busybox\n");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(2);

        ended.ShouldSay("Dockerfile:2", "COPPY", "`COPY`");
    }

    [Theory]
    [InlineData("ci")]
    [InlineData("build")]
    public async Task An_engine_out_of_reach_is_6(string command)
    {
        await using TestProject project = OneImage("FROM scratch\nCOPY busybox /bin/busybox\n");
        project.Environment["DOCKER_HOST"] = $"unix://{project.PathOf("nobody.sock")}";

        Ended ended = (await DevloopProcess.RunAsync(project, command)).ShouldExitWith(6);

        ended.ShouldEndSaying(12, "nobody.sock", "help: ");
        ended.ShouldNotSay("Exception");
    }

    [Fact]
    public async Task With_json_the_error_and_the_summary_are_events()
    {
        await using TestProject project = OneImage(TestProject.Busybox + "RUN [\"/bin/busybox\", \"false\"]\n");
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");

        (await ci.EndAsync()).ShouldBe(3);

        RunEvent failed = ci.Events.All.Single(e => e.Is("build_finished", null, null, "failed"));
        JsonNode diagnostic = failed.Json["diagnostics"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)diagnostic["file"]).ShouldBe("Dockerfile");
        ((int?)diagnostic["line"]).ShouldBe(3);
        RunEvent summary = ci.Events.All[^1];
        summary.Type.ShouldBe("summary");
        summary.Outcome.ShouldBe("build_failed");
        ((int?)summary.Json["exit_code"]).ShouldBe(3);
    }

    private static TestProject OneImage(string dockerfile)
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox().Write("Dockerfile", dockerfile)
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n  {project.Image("app")}: {{context: .}}\n");
    }
}
