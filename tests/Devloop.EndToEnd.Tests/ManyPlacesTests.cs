using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>One project whose images stand in every place where an image can stand, and which resource each object goes to.</summary>
[Trait("Needs", "Cluster")]
public sealed class ManyPlacesTests
{
    [Fact]
    public async Task Init_containers_cron_jobs_custom_objects_environment_and_two_tags_of_one_name_run_what_was_built()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);
        string group = $"{@namespace.Name}.example.com";
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        (await ci.EndAsync()).ShouldBe(0, ci.Errors + ci.Events.Text());
        try
        {
            Dictionary<string, string> tags = ci.Events.All.Where(e => e.Is("build_finished")).ToDictionary(e => e.Image!, e => e.Text("tag")!);
            string tool = $"{project.Image("tool")}:{tags[project.Image("tool")]}", app = project.Image("app");

            JsonNode pod = (await @namespace.GetAsync("deployment", "web"))["spec"]!["template"]!["spec"]!;
            pod["initContainers"]![0]!["image"]!.ToString().ShouldBe(tool);
            pod["containers"]!.AsArray().Select(c => c!["image"]!.ToString()).ShouldBe([$"{app}:{tags[app + ":v1"]}", $"{app}:{tags[app + ":v2"]}", $"{app}:v3"]);
            pod["containers"]![0]!["env"]!.AsArray().Select(e => e!["value"]!.ToString()).ShouldBe([tool, app + ":v1", "plain"]);
            PodSeen running = await @namespace.PodAsync("web");
            (await @namespace.KubectlAsync("exec", running.Name, "-c", "one", "--", "/bin/busybox", "cat", "/which")).ShouldBe("first");
            (await @namespace.KubectlAsync("exec", running.Name, "-c", "two", "--", "/bin/busybox", "cat", "/which")).ShouldBe("second");
            (await @namespace.KubectlAsync("logs", running.Name, "-c", "prepare")).ShouldBe("prepared\n");

            (await @namespace.GetAsync("cronjob", "nightly"))["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.ToString().ShouldBe(tool);
            (await @namespace.GetAsync($"gadgets.{group}", "one"))["spec"]!["image"]!["tag"]!.ToString().ShouldBe(tags[project.Image("tool")]);

            // The command of the manifest says `exit 1`.
            JsonNode replaced = (await @namespace.GetAsync("deployment", "replaced"))["spec"]!["template"]!["spec"]!["containers"]![0]!;
            replaced["command"]!.AsArray().Select(c => c!.ToString()).ShouldBe(["/bin/busybox", "sh", "-c"]);
            replaced["args"]!.AsArray().Select(c => c!.ToString()).ShouldBe(["/bin/busybox sleep 100000"]);
        }
        finally
        {
            (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
        }
    }

    [Fact]
    public async Task Objects_go_to_the_resource_of_their_workload_or_where_the_config_puts_them()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace);
        JsonNode config = JsonNode.Parse((await DevloopProcess.RunAsync(project, "config", "--output", "json")).ShouldExitWith(0).ShouldSay("DL1033", "name a similar image: `" + project.Image("tool") + "`").Out)!;

        Dictionary<string, string[]> objects = config["resources"]!.AsArray().ToDictionary(r => (string)r!["name"]!, r => r!["objects"]!.AsArray().Select(o => $"{o!["kind"]}/{o["name"]}").Order(StringComparer.Ordinal).ToArray());
        objects["web"].ShouldBe(["ConfigMap/web-settings", "Deployment/web", "Service/web"]);
        objects["uncategorized"].ShouldBe(["ConfigMap/nobodys"]);
        objects.Keys.Order(StringComparer.Ordinal).ShouldBe(["kinds", "nightly", "one", "replaced", "uncategorized", "web"]);
    }

    private static async Task<TestProject> CreateAsync(TestNamespace @namespace)
    {
        string group = $"{@namespace.Name}.example.com";
        TestProject project = await ManifestProject.CreateAsync(@namespace);
        (string app, string tool) = (project.Image("app"), project.Image("tool"));
        const string Forever = "ENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n";
        // The third container names a tag of the same name that nobody builds: it is in the engine already, as one of somebody else is.
        return project
            .WithBusybox()
            .Write("first/which", "first").Write("second/which", "second")
            .Write("app.dockerfile", $"FROM {tool}\nCOPY which /which\n{Forever}")
            .Write("Dockerfile", TestProject.Busybox + Forever)
            .Write("devloop.yaml", File.ReadAllText(project.PathOf("devloop.yaml")) + $$"""
                images:
                  {{tool}}: {context: ., match_in_env: true}
                  "{{app}}:v1": {context: first, dockerfile: app.dockerfile}
                  "{{app}}:v2": {context: second, dockerfile: app.dockerfile, tags: [v3]}
                  {{project.Image("entry")}}: {context: ., labels: {which: entry}, entrypoint: [/bin/busybox, sh, -c], container_args: [/bin/busybox sleep 100000]}
                  {{project.Image("tools")}}: {context: ., labels: {which: unused} }
                resources:
                  web: {objects: ["web-settings:configmap"]}
                  kinds: {objects: ["gadgets.{{group}}"]}
                kinds:
                  - {kind: Gadget, image_objects: [{path: "{.spec.image}"}]}

                """)
            .Write("k8s/custom.yaml", ManifestProject.Gadget(group, "one", tool) + "---\n" + ManifestProject.Definition(group))
            .Write("k8s/maps.yaml", ManifestProject.ConfigMap("web-settings") + "---\n" + ManifestProject.ConfigMap("nobodys"))
            .Write("k8s/replaced.yaml", ManifestText.Deployment("replaced", project.Image("entry"), "          command: [/bin/busybox, sh, -c, \"exit 1\"]"))
            .Write("k8s/nightly.yaml", $$"""
                apiVersion: batch/v1beta1
                kind: CronJob
                metadata: {name: nightly}
                spec:
                  schedule: "0 3 * * *"
                  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: {{tool}}}]} } } }

                """)
            .Write("k8s/web.yaml", $$"""
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80}]}
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  selector: {matchLabels: {app: web} }
                  template:
                    metadata: {labels: {app: web} }
                    spec:
                      dnsPolicy: Default
                      terminationGracePeriodSeconds: 1
                      initContainers: [{name: prepare, image: {{tool}}, command: [/bin/busybox, echo, prepared]}]
                      containers:
                        - name: one
                          image: {{app}}:v1
                          env: [{name: TOOL, value: {{tool}}}, {name: APP, value: "{{app}}:v1"}, {name: OTHER, value: plain}]
                        - {name: two, image: "{{app}}:v2"}
                        - {name: three, image: "{{app}}:v3", imagePullPolicy: Never}

                """);
    }
}
