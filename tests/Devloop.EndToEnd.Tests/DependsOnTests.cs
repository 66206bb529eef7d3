using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>`depends_on` orders deploys and never a build.</summary>
[Trait("Needs", "Cluster")]
public sealed class DependsOnTests
{
    [Fact]
    public async Task A_resource_is_deployed_when_what_it_depends_on_is_ready_and_built_before()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = TestProject.Create(@namespace);
        foreach (string name in new[] { "api", "db" })
        {
            project.WithBusybox(name).Write($"{name}/Dockerfile", TestProject.Busybox + $"COPY Dockerfile /{name}\nENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n")
                .Write($"{name}.yml", ManifestText.Deployment(name, project.Image(name), name == "db" ? "          readinessProbe: {exec: {command: [/bin/busybox, test, -e, /tmp-ready]}, periodSeconds: 1}" : ""));
        }
        project.Write("devloop.yaml", $"""
            version: 1
            name: {project.Id}
            cluster: {await ManifestText.ClusterAsync(@namespace)}
            images:
              {project.Image("api")}: {"{context: api}"}
              {project.Image("db")}: {"{context: db}"}
            manifests: [api.yml, db.yml]
            resources:
              api: {"{depends_on: [db]}"}

            """);
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");

        // The database does not become ready before this test says so: whatever is seen until then did not wait for it.
        await ci.SeenAsync("build_finished", project.Image("api"), outcome: "built");
        await ci.SeenAsync("deploy_finished", resource: "db", outcome: "applied");
        await @namespace.KubectlAsync("wait", "--for=jsonpath={.status.replicas}=1", "deployment/db", "--timeout=100s");
        await @namespace.KubectlAsync("wait", "--for=jsonpath={.status.phase}=Running", "pod", "--selector", "app=db", "--timeout=100s");
        ci.Events.All.ShouldNotContain(e => e.Is("deploy_started", null, "api", null));
        await @namespace.KubectlAsync("exec", "deployment/db", "--", "/bin/busybox", "touch", "/tmp-ready");

        RunEvent ready = await ci.Events.FirstAsync(e => e.Is("resource_status", null, "db", null) && e.Text("status") == "ready", 0, "db ready");
        (await ci.SeenAsync("deploy_started", resource: "api")).Index.ShouldBeGreaterThan(ready.Index);
        (await ci.EndAsync()).ShouldBe(0, ci.Errors);
    }
}
