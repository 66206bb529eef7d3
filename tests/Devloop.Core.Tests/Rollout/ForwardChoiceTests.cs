using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Rollout;
using Devloop.Testing.Clusters;

namespace Devloop.Core.Tests.Rollout;

public sealed class ForwardChoiceTests
{
    private static readonly JsonObject Deployment = Json.Parse("""{"kind": "Deployment", "metadata": {"name": "web", "uid": "d", "annotations": {"deployment.kubernetes.io/revision": "2"}}}""");
    private static readonly JsonObject[] ReplicaSets = [ReplicaSet("old", 1), ReplicaSet("new", 2)];

    [Fact]
    public void The_newest_ready_pod_of_the_current_revision_is_chosen() =>
        Choose(Pod("a", "new", 1, ready: true), Pod("b", "new", 3, ready: true), Pod("c", "new", 4, ready: false), Pod("d", "old", 5, ready: true)).ShouldBe("b");

    [Fact]
    public void A_new_pod_without_probe_is_chosen_once_it_has_a_node() =>
        Choose(Pod("a", "old", 1, ready: true), Pod("b", "new", 2, ready: false)).ShouldBe("b");

    [Fact]
    public void A_new_pod_without_a_node_leaves_the_old_one()
    {
        JsonObject unbound = Pod("b", "new", 2, ready: false);
        ((JsonObject)unbound["spec"]!).Remove("nodeName");
        Choose(Pod("a", "old", 1, ready: true), unbound).ShouldBe("a");
    }

    [Fact]
    public void A_new_pod_whose_probe_says_no_leaves_the_old_one()
    {
        JsonObject probed = Pod("b", "new", 2, ready: false);
        probed["spec"]!["containers"]![0]!["readinessProbe"] = new JsonObject();
        Choose(Pod("a", "old", 1, ready: true), probed).ShouldBe("a");
    }

    [Fact]
    public void A_new_pod_that_cannot_start_leaves_the_old_one()
    {
        JsonObject broken = Pod("b", "new", 2, ready: false);
        broken["status"]!["containerStatuses"] = new JsonArray(Json.Parse("""{"name": "main", "state": {"waiting": {"reason": "ImagePullBackOff"}}}"""));
        Choose(Pod("a", "old", 1, ready: true), broken).ShouldBe("a");
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_never_chosen()
    {
        JsonObject deleting = Pod("a", "new", 1, ready: true);
        deleting["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        Choose(deleting).ShouldBeNull();
    }

    [Theory]
    [InlineData("http", 8080)]
    [InlineData("9000", 9000)]
    [InlineData("https", null)]
    [InlineData("0", null)]
    [InlineData("65536", null)]
    public void A_port_is_a_number_or_the_name_of_a_containers_port(string port, int? number) =>
        ForwardChoice.Port(Pod("a", "new", 1, ready: true), new PortForward("127.0.0.1", 80, port)).ShouldBe(number);

    [Theory]
    [InlineData("[]", 3000)]
    [InlineData("""[{"containerPort": 8080}]""", 8080)]
    [InlineData("""[{"containerPort": 9090}, {"containerPort": 3000}]""", 3000)]
    [InlineData("""[{"containerPort": 9090}, {"containerPort": 8080}]""", 9090)]
    [InlineData("""[{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 8080, "protocol": "TCP"}]""", 8080)]
    public void A_local_port_alone_leads_to_the_same_port_or_else_to_the_first_that_is_declared(string declared, int number)
    {
        JsonObject pod = Pod("a", "new", 1, ready: true);
        pod["spec"]!["containers"]![0]!["ports"] = JsonNode.Parse(declared);
        ForwardChoice.Port(pod, new PortForward("127.0.0.1", 3000, "3000") { RemoteGiven = false }).ShouldBe(number);
        ForwardChoice.Port(pod, new PortForward("127.0.0.1", 3000, "3000")).ShouldBe(3000);
    }

    [Theory]
    [InlineData("Always", 8080)]
    [InlineData(null, 3000)]
    public void Of_init_containers_only_those_that_go_on_running_declare_ports(string? restarts, int number)
    {
        JsonObject pod = Pod("a", "new", 1, ready: true);
        pod["spec"]!["containers"]![0]!["ports"] = new JsonArray();
        pod["spec"]!["initContainers"] = new JsonArray(new JsonObject { ["name"] = "early", ["restartPolicy"] = restarts, ["ports"] = JsonNode.Parse("""[{"containerPort": 8080}]""") });
        ForwardChoice.Port(pod, new PortForward("127.0.0.1", 3000, "3000") { RemoteGiven = false }).ShouldBe(number);
    }

    [Fact]
    public void A_pod_belongs_to_the_deployment_behind_its_replica_set()
    {
        PodOwnership.OwnerOf(Pod("a", "new", 1, ready: true), ReplicaSets).ShouldBe(new ObjectOwner("apps/v1", "Deployment", "web", "d"));
        PodOwnership.OwnerOf(Pod("a", "new", 1, ready: true), []).ShouldBe(new ObjectOwner("apps/v1", "ReplicaSet", "web-new", "new"));
        PodOwnership.OwnerOf(Json.Parse("""{"kind": "Pod", "metadata": {"name": "p"}}"""), ReplicaSets).ShouldBeNull();
    }

    private static string? Choose(params JsonObject[] pods) => ForwardChoice.Choose(Deployment, ReplicaSets, pods)?.Text("metadata", "name");

    private static JsonObject ReplicaSet(string uid, int revision) =>
        Json.Parse($$$"""{"kind": "ReplicaSet", "metadata": {"name": "web-{{{uid}}}", "uid": "{{{uid}}}", "annotations": {"deployment.kubernetes.io/revision": "{{{revision}}}"}, "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": true}]}}""");

    private static JsonObject Pod(string name, string replicaSet, int second, bool ready) =>
        Json.Parse($$$"""
            {"kind": "Pod", "metadata": {"name": "{{{name}}}", "uid": "{{{name}}}", "creationTimestamp": "2026-01-01T00:00:0{{{second}}}Z",
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-{{{replicaSet}}}", "uid": "{{{replicaSet}}}", "controller": true}]},
             "spec": {"nodeName": "n", "containers": [{"name": "main", "ports": [{"name": "http", "containerPort": 8080}]}]},
             "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "{{{(ready ? "True" : "False")}}}"}]}}
            """);
}
