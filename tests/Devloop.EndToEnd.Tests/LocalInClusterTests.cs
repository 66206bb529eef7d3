using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Commands of this machine between resources of the real cluster.</summary>
[Trait("Needs", "Cluster")]
public sealed class LocalInClusterTests
{
    [Fact]
    public async Task A_generated_file_goes_through_image_and_deploy_and_commands_wait_and_are_waited_for()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = TestProject.Create(@namespace);
        foreach (string name in new[] { "api", "db" })
        {
            project.WithBusybox(name).Write($"{name}/Dockerfile", TestProject.Busybox + "COPY . /files\nENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n")
                .Write($"{name}.yml", ManifestText.Deployment(name, project.Image(name)));
        }
        project.Write("proto/api.proto", "one\n").Write("devloop.yaml", $$"""
            version: 1
            name: {{project.Id}}
            cluster: {{await ManifestText.ClusterAsync(@namespace)}}
            images:
              {{project.Image("api")}}: {context: api}
              {{project.Image("db")}}: {context: db}
            manifests: [api.yml, db.yml]
            resources:
              api: {depends_on: [seed]}
            local:
              codegen: {command: "cp proto/api.proto api/generated", deps: [proto], produces: [api/generated]}
              seed: {command: echo seeded, depends_on: [db], teardown: echo unseeded}

            """);
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        (await FileAsync(@namespace)).ShouldBe("one\n");

        int Index(string type, string resource, string? outcome = null) => up.Events.All.First(e => e.Is(type, null, resource, outcome)).Index;
        int dbReady = up.Events.All.First(e => e.Is("resource_status", null, "db", null) && e.Text("status") == "ready").Index;
        Index("deploy_started", "seed").ShouldBeGreaterThan(dbReady);
        Index("deploy_started", "api").ShouldBeGreaterThan(Index("deploy_finished", "seed", "ran"));
        up.Events.All.First(e => e.Is("build_started", project.Image("api"))).Index.ShouldBeGreaterThan(Index("deploy_finished", "codegen", "ran"));

        int mark = up.Events.Count;
        project.Write("proto/api.proto", "two\n");
        RunEvent built = await up.SeenAsync("build_finished", project.Image("api"), outcome: "built", from: mark);
        await up.SeenAsync("deploy_finished", resource: "api", outcome: "applied", from: built.Index);
        await up.ReadyAsync(built.Index);
        (await FileAsync(@namespace)).ShouldBe("two\n");
        // What waited once for the command does not run or roll again for it.
        up.Events.Since(mark).ShouldNotContain(e => e.Is("deploy_started", null, "seed", null) || e.Is("deploy_started", null, "db", null));
        await up.StopAsync();

        Ended down = (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
        down.ShouldSay("unseeded");
        down.Error.IndexOf("unseeded", StringComparison.Ordinal).ShouldBeLessThan(down.Error.IndexOf("deployment/db", StringComparison.Ordinal));
    }

    private static async Task<string> FileAsync(TestNamespace @namespace) => await @namespace.FileInPodAsync(await @namespace.PodAsync("api"), "/files/generated");
}
