using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>The engine goes away while it builds, and comes back: nobody has to do anything.</summary>
[Trait("Needs", "Engine")]
public sealed class EngineAwayTests
{
    [Fact]
    public async Task A_build_that_was_lost_with_the_engine_is_done_once_more_when_it_is_back()
    {
        await using var engine = new EngineRelay();
        await using TestProject project = Create(engine, "for i in 1 2 3; do echo at work; /bin/busybox sleep 1; done");
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci", "--build-only");
        await ci.SeenAsync("log", project.Image("app"));

        await engine.GoAwayAsync();
        RunEvent lost = await ci.SeenAsync("build_cancelled", project.Image("app"), outcome: "lost");
        engine.Return();

        (await ci.EndAsync()).ShouldBe(0, ci.Errors);
        ((string?)lost.Json["diagnostics"]![0]!["code"]).ShouldBe("DL3009");
        RunEvent built = await ci.SeenAsync("build_finished", project.Image("app"), outcome: "built");
        built.Json["reasons"]!.AsArray().Select(r => (string)r!["text"]!).ShouldContain("the engine went away during the build");
    }

    [Fact]
    public async Task An_edit_while_the_engine_is_away_is_built_when_it_is_back()
    {
        await using var engine = new EngineRelay();
        await using TestProject project = Create(engine, "echo first");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.SeenAsync("build_finished", project.Image("app"), outcome: "built");
        int mark = up.Events.All.Count;

        await engine.GoAwayAsync();
        project.Write("gate", "echo second\n");
        RunEvent failed = await up.SeenAsync("build_finished", project.Image("app"), outcome: "failed", from: mark);
        engine.Return();
        await up.SeenAsync("build_finished", project.Image("app"), outcome: "built", from: mark);

        ((string?)failed.Json["diagnostics"]![0]!["code"]).ShouldBe("DL5001");
        await up.StopAsync();
    }

    private static TestProject Create(EngineRelay engine, string gate)
    {
        TestProject project = TestProject.Create();
        project.Environment["DOCKER_HOST"] = engine.Address;
        return project.WithBusybox().Write("gate", $"{gate}\n: {Guid.NewGuid()}\n") // a step that no run before has left in the cache
            .Write("Dockerfile", TestProject.Busybox + TestProject.Gate)
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n  {project.Image("app")}: {{}}\n");
    }
}
