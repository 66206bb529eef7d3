using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>A project of many kinds out of a kustomization.</summary>
[Trait("Needs", "Cluster")]
public sealed class KustomizeTests
{
    [Fact]
    public async Task A_second_run_of_jobs_custom_objects_and_generated_config_changes_nothing_and_keeps_the_pods()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        PodSeen pod = await @namespace.PodAsync("web");
        string before = await VersionsAsync(@namespace);

        await using DevloopProcess second = DevloopProcess.Start(project, "ci");
        (await second.EndAsync()).ShouldBe(0, second.Errors);

        second.Events.All.Where(e => e.Is("deploy_finished")).Select(e => e.Outcome).Distinct().ShouldBe(["unchanged"]);
        second.Events.All.ShouldNotContain(e => e.Is("object_removed", null, null, null));
        (await VersionsAsync(@namespace)).ShouldBe(before);
        (await @namespace.PodAsync("web")).ShouldBe(pod);
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
    }

    [Fact]
    public async Task An_edit_of_a_base_redeploys_what_it_changes_and_a_renamed_generated_object_goes()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        string[] first = await @namespace.NamesAsync("configmaps");
        int mark = up.Events.Count;

        project.Write("base/app.properties", "colour=green\n");

        // The name of a generated ConfigMap has a hash of its content in it.
        RunEvent removed = await up.SeenAsync("object_removed", from: mark);
        removed.Text("object").ShouldBe("configmap/" + first.ShouldHaveSingleItem());
        await up.ReadyAsync(removed.Index);
        (await @namespace.NamesAsync("configmaps")).ShouldHaveSingleItem().ShouldNotBe(first[0]);
        up.Events.Since(mark).ShouldNotContain(e => e.Is("build_started", null, null, null));
        await up.StopAsync();
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
    }

    [Fact]
    public async Task A_kustomization_that_does_not_render_is_said_at_the_entry_that_is_wrong()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);
        project.Write("base/kustomization.yaml", "resources:\n  - web.yaml\n  - nothing.yaml\n");

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(2);

        ended.ShouldSay("DL1045", "base/kustomization.yaml:3:5", "`base/nothing.yaml` does not exist");
    }

    private static async Task<string> VersionsAsync(TestNamespace @namespace) =>
        await @namespace.KubectlAsync("get", $"deployments,jobs,cronjobs,configmaps,gadgets.{@namespace.Name}.example.com", "--output", "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}");

    private static async Task<TestProject> CreateAsync(TestNamespace @namespace)
    {
        string group = $"{@namespace.Name}.example.com";
        TestProject project = (await ManifestProject.CreateAsync(@namespace, "[{kustomize: overlays/dev}]")).WithSleeper();
        return project
            .Write("devloop.yaml", File.ReadAllText(project.PathOf("devloop.yaml")) + $"images:\n  {project.Image("app")}: {{context: .}}\nkinds:\n  - {{kind: Gadget, image_objects: [{{path: \"{{.spec.image}}\"}}]}}\n")
            .Write("overlays/dev/kustomization.yaml", "resources: [../../base, gadget.yaml]\npatches: [{path: patch.yaml}]\n")
            .Write("overlays/dev/gadget.yaml", ManifestProject.Gadget(group, "one", project.Image("app")))
            .Write("overlays/dev/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {revisionHistoryLimit: 2}\n")
            .Write("base/kustomization.yaml", "resources: [web.yaml, job.yaml, cron.yaml, kind.yaml]\nconfigMapGenerator: [{name: settings, files: [app.properties]}]\n")
            .Write("base/app.properties", "colour=red\n")
            .Write("base/web.yaml", ManifestText.Deployment("web", project.Image("app"), "          envFrom: [{configMapRef: {name: settings}}]"))
            .Write("base/job.yaml", ManifestProject.Job("once", project.Image("app"), "done"))
            .Write("base/kind.yaml", ManifestProject.Definition(group))
            .Write("base/cron.yaml", $$"""
                apiVersion: batch/v1beta1
                kind: CronJob
                metadata: {name: nightly}
                spec:
                  schedule: "0 3 * * *"
                  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: {{project.Image("app")}}, resources: {limits: {cpu: 1, memory: 0.5Gi} } }]} } } }

                """);
    }
}
