using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Devloop.Adapters.Kubernetes;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Rollout;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Kubernetes;

[Trait("Needs", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class KubernetesClusterTests(TestCluster test)
{
    private static readonly ObjectKind Deployments = new("apps/v1", "Deployment");

    [Fact]
    public async Task The_probe_tells_the_nodes_and_their_runtime()
    {
        ClusterProbe.Reached reached = (await test.Cluster.ProbeAsync(TestCluster.Soon())).ShouldBeOfType<ClusterProbe.Reached>();
        ClusterNode node = reached.Nodes.ShouldHaveSingleItem();
        node.Runtime.ShouldStartWith("docker://");
        node.MachineId.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_registry_that_a_cluster_names_is_found_and_nothing_when_it_names_none()
    {
        try
        {
            await test.Cluster.ApplyAsync(Json.Parse("""
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "local-registry-hosting", "namespace": "kube-public"},
                 "data": {"localRegistryHosting.v1": "host: localhost:5005\nhostFromContainerRuntime: registry:5000\n"}}
                """), TestCluster.Soon());
            (await HostedRegistry.FindAsync(test.Cluster, TestCluster.Soon())).Value!.Delivery.ShouldBe(new Delivery.Registry("localhost:5005", "registry:5000"));
        }
        finally
        {
            await test.Cluster.DeleteAsync(HostedRegistry.Place, DeletePropagation.Background, TestCluster.Soon());
        }
        Parsed<HostedRegistry> none = await HostedRegistry.FindAsync(test.Cluster, TestCluster.Soon());
        (none.Value!.Delivery, none.Diagnostics.Length).ShouldBe((null, 0));
    }

    [Fact]
    public async Task A_deployment_as_it_was_applied_is_covered_by_what_the_server_made_of_it()
    {
        JsonObject rendered = Workloads.Deployment(test.Namespace, "covered", 0);
        rendered["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"] = new JsonArray(new JsonObject { ["containerPort"] = 80 });
        rendered["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] = Json.Parse("""{"limits": {"cpu": 0.5, "memory": "1024Mi"}}""");
        ApplyForm.Write(rendered);
        await test.Cluster.ApplyAsync(rendered, TestCluster.Soon());
        JsonObject live = (await test.Cluster.GetAsync(new ObjectReference(Deployments, test.Namespace, "covered"), TestCluster.Soon())).ShouldNotBeNull();
        AppliedState.Covers(live, rendered).ShouldBeTrue();
        ((JsonObject)rendered["spec"]!["template"]!["spec"]!["containers"]![0]!).Remove("ports");
        AppliedState.Covers(live, rendered).ShouldBeFalse();
    }

    [Fact]
    public async Task An_object_that_is_not_valid_is_refused_with_its_fields()
    {
        JsonObject invalid = Workloads.Deployment(test.Namespace, "invalid", -1);
        ClusterException refused = await Should.ThrowAsync<ClusterException>(test.Cluster.ApplyAsync(invalid, TestCluster.Soon()));
        (refused.Status, refused.Reason).ShouldBe((422, "Invalid"));
        refused.Causes.ShouldContain(c => c.Field == "spec.replicas");
        Diagnostic told = ApiFailure.ToDiagnostic(refused, new ObjectReference(Deployments, test.Namespace, "invalid"));
        told.Message.ShouldBe("the cluster rejected `deployment/invalid`: 1 field is not valid");
    }

    [Fact]
    public async Task Who_has_no_right_is_refused_with_the_verb_and_the_resource()
    {
        string path = Path.GetTempFileName();
        string text = await File.ReadAllTextAsync(TestCluster.Kubeconfig);
        await File.WriteAllTextAsync(path, text.Replace("token: devtoken", "token: devtoken, as: jane", StringComparison.Ordinal));
        using KubernetesCluster jane = Connect(path);
        ClusterException refused = await Should.ThrowAsync<ClusterException>(jane.ApplyAsync(Workloads.Deployment(test.Namespace, "jane", 0), TestCluster.Soon()));
        Diagnostic told = ApiFailure.ToDiagnostic(refused, new ObjectReference(Deployments, test.Namespace, "jane"));
        (told.Code, told.Message).ShouldBe((DiagnosticCode.ApplyForbidden, $"not allowed to patch `deployments.apps` in namespace `{test.Namespace}`, wanted for `deployment/jane`"));
        (await jane.ProbeAsync(TestCluster.Soon())).ShouldBeOfType<ClusterProbe.Reached>().Nodes.ShouldBeEmpty();
        File.Delete(path);
    }

    [Fact]
    public async Task Credentials_that_are_not_valid_are_told()
    {
        string path = Path.GetTempFileName();
        string text = await File.ReadAllTextAsync(TestCluster.Kubeconfig);
        await File.WriteAllTextAsync(path, text.Replace("token: devtoken", "token: wrong", StringComparison.Ordinal));
        using KubernetesCluster stranger = Connect(path);
        Diagnostic why = (await stranger.ProbeAsync(TestCluster.Soon())).ShouldBeOfType<ClusterProbe.Unreachable>().Why;
        why.Message.ShouldBe("the cluster of context `devloop-test` refuses the credentials of the kubeconfig");
        File.Delete(path);
    }

    [Fact]
    public async Task The_credentials_of_a_plugin_are_used()
    {
        string directory = Directory.CreateTempSubdirectory("devloop-plugin-").FullName;
        string path = Path.Combine(directory, "config");
        string plugin = Path.Combine(directory, "login");
        await File.WriteAllTextAsync(plugin, """
            #!/bin/sh
            case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 3 ;; esac
            printf '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"%s%s"}}' "$1" "$LAST"
            """.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string text = await File.ReadAllTextAsync(TestCluster.Kubeconfig);
        await File.WriteAllTextAsync(path, text.Replace("token: devtoken", "exec: {command: ./login, apiVersion: client.authentication.k8s.io/v1beta1, args: [dev], env: [{name: LAST, value: token}]}", StringComparison.Ordinal));
        using KubernetesCluster cluster = Connect(path);
        (await cluster.ProbeAsync(TestCluster.Soon())).ShouldBeOfType<ClusterProbe.Reached>().Nodes.ShouldHaveSingleItem();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task The_lines_of_a_container_are_followed_until_it_ends()
    {
        JsonObject pod = await test.RunAsync(Workloads.Deployment(test.Namespace, "lines", 1, "/bin/busybox", "sh", "-c", "for i in 1 2 3; do echo line $i; /bin/busybox sleep 1; done; echo unended | /bin/busybox tr -d '\\n'; exec /bin/busybox sleep 1"));
        var lines = new List<string>();
        await foreach (LogLine line in test.Cluster.LogsAsync(test.Namespace, pod.Text("metadata", "name")!, "main", null, previous: false, TestCluster.Soon()))
            lines.Add(line.Text);
        lines.ShouldBe(["line 1", "line 2", "line 3", "unended"]);
    }

    [Fact]
    public async Task A_watch_goes_on_after_its_connection_was_cut()
    {
        var configMaps = new ObjectKind("v1", "ConfigMap");
        JsonObject item = Json.Parse($$$"""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cut", "namespace": "{{{test.Namespace}}}", "labels": {"cut": "yes"} } }""");
        var kept = (JsonObject)item.DeepClone();
        kept["metadata"]!["name"] = "kept";
        await test.Cluster.ApplyAsync(item, TestCluster.Soon());
        await using var relay = new CuttingRelay(TestCluster.Access().Server);
        string path = Path.GetTempFileName();
        string text = await File.ReadAllTextAsync(TestCluster.Kubeconfig);
        await File.WriteAllTextAsync(path, text.Replace(TestCluster.Access().Server.Authority, relay.Address, StringComparison.Ordinal));
        using KubernetesCluster relayed = Connect(path);
        await using IAsyncEnumerator<WatchNotice> watch = relayed.WatchAsync(configMaps, test.Namespace, "cut=yes", TestCluster.Soon()).GetAsyncEnumerator();
        (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Present>();
        (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Synced>();

        await relay.CutAsync();
        (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Lost>().Reason.ShouldNotBeEmpty();
        await test.Cluster.DeleteAsync(new ObjectReference(configMaps, test.Namespace, "cut"), DeletePropagation.Background, TestCluster.Soon());
        await test.Cluster.ApplyAsync(kept, TestCluster.Soon());
        relay.Mend();

        var told = new List<string>();
        while (told.Count < 3)
        {
            told.Add(await NextAsync(watch) switch
            {
                WatchNotice.Present present => "present " + present.Object.Text("metadata", "name"),
                WatchNotice.Gone gone => "gone " + gone.Object.Text("metadata", "name"),
                var other => other.GetType().Name,
            });
        }
        told.ShouldBe(["Synced", "gone cut", "present kept"]);
        File.Delete(path);
    }

    private static KubernetesCluster Connect(string kubeconfig)
    {
        ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [kubeconfig] }).TryGet(out ClusterAccess? access).ShouldBeTrue();
        return new KubernetesCluster(access!, TimeProvider.System);
    }

    private static async Task<WatchNotice> NextAsync(IAsyncEnumerator<WatchNotice> watch)
    {
        (await watch.MoveNextAsync()).ShouldBeTrue();
        return watch.Current;
    }
}
