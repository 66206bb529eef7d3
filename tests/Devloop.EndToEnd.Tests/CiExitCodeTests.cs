using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>How `devloop ci` ends against the real cluster, and what its last lines say.</summary>
[Trait("Needs", "Cluster")]
public sealed class CiExitCodeTests(CiExitCodeTests.Shared shared) : IClassFixture<CiExitCodeTests.Shared>
{
    private readonly TestNamespace _namespace = shared.Namespace;

    [Fact]
    public async Task Success_is_0_and_the_pods_run_what_was_built()
    {
        await using TestProject project = await Quickstart.CreateAsync(_namespace);
        project.Write("app.yml", ManifestText.Deployment("fine", project.Image("app"))).Write("devloop.yaml", ReadConfig(project).Replace("  web: {}", "  fine: {}"));

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        ended.ShouldEndSaying(1, "2 images good, 1 of 1 resource ready");
        (await _namespace.FileInPodAsync(await _namespace.PodAsync("fine"), "/www/index.html")).ShouldBe("first page\n");
    }

    [Fact]
    public async Task A_manifest_that_the_cluster_rejects_is_4()
    {
        await using TestProject project = await OneAppAsync("rejected", "          ports: [{containerPort: 123456}]");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(4);

        ended.ShouldSay("app.yml:", "deployment/rejected", "123456");
        ended.ShouldEndSaying(1, "the cluster refused what stands above");
    }

    [Fact]
    public async Task A_pod_that_crashes_again_and_again_is_5_long_before_the_time_is_over()
    {
        await using TestProject project = await OneAppAsync("crashing", "          command: [/bin/busybox, sh, -c, \"echo no database here; exit 9\"]");

        // The tests' own patience is a small part of this.
        Ended ended = (await DevloopProcess.RunAsync(project, "ci", "--timeout", "30m")).ShouldExitWith(5);

        ended.Out.ShouldContain("no database here");
        ended.ShouldEndSaying(12, "resource `crashing` is not healthy", "container main", "kubectl logs");
        ended.ShouldEndSaying(1, "what does not run stands above");
    }

    [Fact]
    public async Task A_pod_that_never_becomes_ready_is_5_when_the_time_is_over()
    {
        await using TestProject project = await OneAppAsync("unready", "          readinessProbe: {exec: {command: [/bin/busybox, \"false\"]}, periodSeconds: 1}");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci", "--timeout", "8s")).ShouldExitWith(5);

        ended.ShouldEndSaying(12, "resource `unready` was not ready after ", "--timeout");
        ended.ShouldEndSaying(1, "the time is over");
    }

    [Fact]
    public async Task A_broken_build_is_3_and_deploys_nothing()
    {
        await using TestProject project = await OneAppAsync("unbuilt", "");
        project.Write("Dockerfile", TestProject.Busybox + "RUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo the compiler says no; exit 7\"]\n");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(3);

        ended.ShouldSay("the compiler says no", "Dockerfile:3");
        ended.ShouldEndSaying(1, "1 image failed", "the build failed: its output stands above");
        (await _namespace.KubectlAsync("get", "deployments", "--field-selector", "metadata.name=unbuilt", "--output", "name")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_context_that_is_not_allowed_is_6_and_touches_nothing()
    {
        await using TestProject project = await OneAppAsync("forbidden", "");
        string context = await TestNamespace.ContextAsync();
        project.Write("devloop.yaml", ReadConfig(project).Replace($"allow_contexts: [{context}]", "allow_contexts: []"));

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(6);

        ended.ShouldEndSaying(12, $"context `{context}` may not be written to", $"allow_contexts: [{context}]");
        (await _namespace.KubectlAsync("get", "deployments", "--field-selector", "metadata.name=forbidden", "--output", "name")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cluster_out_of_reach_is_6()
    {
        await using TestProject project = await OneAppAsync("unreached", "");
        int nobody = Browser.FreePort();
        project.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: kind-gone, cluster: {server: "https://127.0.0.1:{{nobody}}" } }]
            users: [{name: me, user: {token: secret-of-the-test} }]
            contexts: [{name: kind-gone, context: {cluster: kind-gone, user: me} }]
            current-context: kind-gone

            """);
        project.Environment["KUBECONFIG"] = project.PathOf("kubeconfig");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(6);

        ended.ShouldEndSaying(12, $"127.0.0.1:{nobody}", "kind-gone", "help: ");
        ended.ShouldNotSay("secret-of-the-test", "Exception");
    }

    private static string ReadConfig(TestProject project) => File.ReadAllText(project.PathOf("devloop.yaml"));

    /// <param name="more">Further lines of the workload's container.</param>
    private async Task<TestProject> OneAppAsync(string name, string more)
    {
        TestProject project = TestProject.Create(_namespace);
        return project.WithBusybox()
            .Write("Dockerfile", TestProject.Busybox + "ENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n")
            .Write("app.yml", ManifestText.Deployment(name, project.Image("app"), more))
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\ncluster: {await ManifestText.ClusterAsync(_namespace)}\nimages:\n  {project.Image("app")}: {{context: .}}\nmanifests: [app.yml]\n");
    }

    /// <summary>One namespace for all: each test's workload has a name of its own.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal TestNamespace Namespace { get; private set; } = null!;

        public async Task InitializeAsync() => Namespace = await TestNamespace.CreateAsync();

        public async Task DisposeAsync() => await Namespace.DisposeAsync();
    }
}
