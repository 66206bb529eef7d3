using System.Net;
using System.Net.Sockets;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Ctrl-C: once is a clean end, twice is at once; 130 both times.</summary>
[Trait("Needs", "Cluster")]
public sealed class InterruptTests
{
    [Fact]
    public async Task Once_while_a_build_runs_ends_it_and_leaves_nothing()
    {
        await using TestProject project = ShutIn();
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        await ci.SeenAsync("build_started", project.Image("app"));

        await ci.StopAsync();

        RunEvent summary = ci.Events.All[^1];
        summary.Is("summary", null, null, "interrupted").ShouldBeTrue(ci.Events.Text());
        ((int?)summary.Json["exit_code"]).ShouldBe(130);
    }

    [Fact]
    public async Task Twice_leaves_at_once()
    {
        await using TestProject project = ShutIn();
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        await ci.SeenAsync("build_started", project.Image("app"));

        await Task.WhenAll(ci.InterruptAsync(), ci.InterruptAsync());

        (await ci.EndAsync()).ShouldBe(130, ci.Errors);
    }

    [Fact]
    public async Task While_the_engine_is_still_asked_it_leaves_without_a_crash()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using TestProject project = ShutIn();
        project.Environment["DOCKER_HOST"] = $"tcp://{silent.LocalEndpoint}";
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci", "--build-only");
        using TcpClient asked = await silent.AcceptTcpClientAsync();

        await ci.InterruptAsync();

        (await ci.EndAsync()).ShouldBe(130, ci.Errors);
        ci.Errors.ShouldNotContain("DL5999");
    }

    [Fact]
    public async Task Up_says_what_stays_in_the_cluster_and_leaves_it_running()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace);
        await using DevloopProcess up = DevloopProcess.StartForPeople(project, "up");
        await up.SaidAsync("Finished");

        await up.StopAsync();

        up.Errors.ShouldContain("web stay");
        up.Errors.ShouldContain("`devloop down` removes");
        await @namespace.PodAsync(Quickstart.App);
    }

    private static TestProject ShutIn()
    {
        TestProject project = TestProject.Create();
        return project.WithBusybox().Write("gate", TestProject.Shut)
            .Write("Dockerfile", TestProject.Busybox + TestProject.Gate)
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\nimages:\n  {project.Image("app")}: {{}}\n");
    }
}
