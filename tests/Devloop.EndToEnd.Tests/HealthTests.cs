using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>What is wrong with a resource is named with its evidence, and `ci` ends by it: neither too late nor for a cluster that is only slow.</summary>
[Trait("Needs", "Cluster")]
public sealed class HealthTests(HealthTests.Shared shared) : IClassFixture<HealthTests.Shared>
{
    private readonly TestNamespace _namespace = shared.Namespace;

    [Fact]
    public async Task A_job_that_fails_is_named_with_its_exit_code_and_its_last_words()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("migration", i, "echo connecting; echo no such table: users; exit 7"));

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5);

        ended.ShouldSay("resource `migration` is not healthy: BackoffLimitExceeded: Error: exit code 7", "container main: Error: exit code 7", "│ connecting", "│ no such table: users");
    }

    [Fact]
    public async Task A_job_that_succeeds_at_its_second_try_is_healthy()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job(
            "second-try", i, "[ -e /kept/tried ] && exit 0; /bin/busybox touch /kept/tried; exit 1", backoffLimit: 3, restart: "OnFailure",
            more: "          volumeMounts: [{name: kept, mountPath: /kept}]\n      volumes: [{name: kept, emptyDir: {}}]"));

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
    }

    [Fact]
    public async Task What_runs_for_a_moment_and_ends_does_not_pass_for_healthy()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("moment", i, "          command: [/bin/busybox, sh, -c, \"/bin/busybox sleep 0.2; echo the port is taken; exit 3\"]"), "settings: {settle_seconds: 3}\n");

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5).ShouldSay("resource `moment` is not healthy", "exit code 3", "│ the port is taken");
    }

    [Fact]
    public async Task A_setting_that_is_missing_is_named_as_the_kubelet_names_it()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("unset", i, "          envFrom: [{configMapRef: {name: nowhere}}]"), "settings: {settle_seconds: 1}\n");

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5).ShouldSay("resource `unset` is not healthy: CreateContainerConfigError: configmap \"nowhere\" not found");
    }

    [Fact]
    public async Task An_image_that_nobody_has_is_named()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("unpulled", i) + "\n        - name: other\n          image: 127.0.0.1:9/nobody/has-this:1\n", "settings: {settle_seconds: 1}\n");

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5).ShouldSay("resource `unpulled` is not healthy", "127.0.0.1:9/nobody/has-this", "container other");
    }

    [Fact]
    public async Task A_container_that_takes_too_much_memory_is_named()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("hungry", i, "exec /bin/busybox tail /dev/zero", more: "          resources: {limits: {memory: 16Mi}}"));

        // Which of the two words comes is a race in the container runtime; the exit code is the same.
        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5).ShouldSay("resource `hungry` is not healthy", "exit code 137");
        ended.Error.ShouldMatch("container main: (OOMKilled|Error): exit code 137");
    }

    [Fact]
    public async Task A_pod_that_no_node_takes_is_told_at_once()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("homeless", i) + "\n      nodeSelector: {nobody: has-this}\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");

        RunEvent told = await up.Events.FirstAsync(e => e.Is("resource_status", resource: "homeless") && e.Text("status") == "failed", 0, "failed homeless");

        told.Text("text")!.ShouldContain("Unschedulable: 0/1 nodes are available");
        await up.StopAsync();
    }

    [Fact]
    public async Task A_probe_that_says_no_is_told_and_heals()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("probed", i, "          readinessProbe: {exec: {command: [/bin/busybox, cat, /tmp-ready]}, periodSeconds: 1}"));
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");

        RunEvent warning = await up.SeenAsync("warning", resource: "probed");
        warning.Text("reason").ShouldBe("Unhealthy");
        warning.Text("text")!.ShouldContain("/tmp-ready");
        await _namespace.KubectlAsync("exec", "deployment/probed", "--", "/bin/busybox", "touch", "/tmp-ready");
        await up.ReadyAsync();
        await up.StopAsync();
    }

    [Fact]
    public async Task A_quota_that_is_used_up_is_told_in_the_clusters_words()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("greedy", i, "          resources: {limits: {cpu: 900}}"), "settings: {settle_seconds: 1}\n");
        await _namespace.KubectlAsync("create", "quota", "no-cpu", "--hard=limits.cpu=100");
        try
        {
            (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(5).ShouldSay("resource `greedy` is not healthy", "exceeded quota: no-cpu");
        }
        finally
        {
            await _namespace.KubectlAsync("delete", "quota", "no-cpu");
        }
    }

    [Fact]
    public async Task A_pod_that_is_deleted_by_hand_comes_back_and_is_followed()
    {
        int port = Browser.FreePort();
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("phoenix", i, "          command: [/bin/busybox, sh, -c, \"echo up as $HOSTNAME; echo $HOSTNAME > /index.html; exec /bin/busybox httpd -f -p 8080 -h /\"]"), $"resources:\n  phoenix: {{port_forwards: [\"{port}:8080\"]}}\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        PodSeen first = await _namespace.PodAsync("phoenix");
        (await Browser.GetAsync(port, "index.html")).ShouldBe(first.Name + "\n");

        await _namespace.KubectlAsync("delete", "pod", first.Name, "--wait=false");

        await up.Events.FirstAsync(e => e.Is("log", resource: "phoenix") && e.Text("text")!.StartsWith("up as ", StringComparison.Ordinal) && e.Text("pod") != first.Name, 0, "the log of the new pod");
        await _namespace.KubectlAsync("wait", "--for=delete", "pod/" + first.Name, "--timeout=100s");
        await Browser.ServesAsync(port, (await _namespace.PodAsync("phoenix")).Name + "\n");
        await up.StopAsync();
    }

    [Fact]
    public async Task A_custom_object_is_ready_when_the_rule_of_its_kind_says_so()
    {
        string kind = "Widget" + Guid.NewGuid().ToString("N")[..8], plural = kind.ToLowerInvariant() + "s";
        await _namespace.ApplyAsync($$$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: {{{plural}}}.devloop.test}
            spec:
              group: devloop.test
              names: {kind: {{{kind}}}, plural: {{{plural}}}}
              scope: Namespaced
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }]
            """);
        try
        {
            await _namespace.KubectlAsync("wait", "--for=condition=Established", $"crd/{plural}.devloop.test", "--timeout=60s");
            await using TestProject project = await TestProject.OfBusyboxAsync(_namespace,
                i => $"apiVersion: devloop.test/v1\nkind: {kind}\nmetadata: {{name: gear}}\nspec: {{image: {i}}}\n",
                $"kinds: [{{kind: {kind}, image_paths: [\"{{.spec.image}}\"], ready: {{path: \"{{.status.phase}}\", values: [Turning], failed: [Stuck]}}}}]\n");
            await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
            await ci.Events.FirstAsync(e => e.Is("resource_status", resource: "gear") && e.Text("status") == "progressing", 0, "gear progressing");
            (await _namespace.GetAsync(plural, "gear"))["spec"]!["image"]!.ToString().ShouldContain(":devloop-");

            await _namespace.KubectlAsync("patch", plural, "gear", "--type=merge", "--patch", """{"status": {"phase": "Turning"}}""");

            (await ci.EndAsync()).ShouldBe(0, ci.Errors);
        }
        finally
        {
            await _namespace.KubectlAsync("delete", "crd", plural + ".devloop.test", "--wait=false");
        }
    }

    [Fact]
    public async Task A_claim_counts_as_soon_as_it_has_a_volume()
    {
        string volume = "pv-" + Guid.NewGuid().ToString("N")[..8];
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => $$$"""
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec: {accessModes: [ReadWriteOnce], storageClassName: {{{volume}}}, resources: {requests: {storage: 1Mi} } }
            ---
            {{{ManifestText.Job("filler", i, "exit 0")}}}
            """);
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        await ci.Events.FirstAsync(e => e.Is("resource_status", resource: "uncategorized") && e.Text("status") == "pending" && e.Text("text")!.Contains("volume", StringComparison.Ordinal), 0, "pending claim");
        try
        {
            await _namespace.ApplyAsync($$$"""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: "{{{volume}}}" }
                spec: {accessModes: [ReadWriteOnce], storageClassName: {{{volume}}}, capacity: {storage: 1Mi}, hostPath: {path: /tmp} }
                """);
            (await ci.EndAsync()).ShouldBe(0, ci.Errors);
        }
        finally
        {
            await _namespace.KubectlAsync("delete", "pv", volume, "--wait=false", "--ignore-not-found");
        }
    }

    [Fact]
    public async Task Machines_get_the_evidence_too()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("told", i, "echo last words; exit 4"));
        await using DevloopProcess ci = DevloopProcess.Start(project, "ci");
        (await ci.EndAsync()).ShouldBe(5);

        JsonNode evidence = ci.Events.All.Single(e => e.Is("summary")).Json["resources"]!.AsArray().ShouldHaveSingleItem()!["evidence"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)evidence["container"]!, (int)evidence["exit_code"]!, (string)evidence["last_output"]![0]!).ShouldBe(("main", 4, "last words"));
    }

    /// <summary>One namespace for all: each test's workload has a name of its own.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal TestNamespace Namespace { get; private set; } = null!;

        public async Task InitializeAsync() => Namespace = await TestNamespace.CreateAsync();

        public async Task DisposeAsync() => await Namespace.DisposeAsync();
    }
}
