using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Clusters;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

/// <summary>How images get to the nodes: the config's registry, the engine that the nodes share, a registry that the cluster names, or the nodes' own containers.</summary>
public class DeliveryChoiceTests
{
    private static readonly EngineProbe.Reached Engine = new("id", "20.10.24", "linux/amd64");

    private readonly FakeImageStore _store = new();
    private readonly FakeNodeImages _nodes;
    private FakeCluster _cluster = new() { Runtime = "containerd://1.7.0" };

    public DeliveryChoiceTests() => _nodes = new FakeNodeImages(_store);

    [Theory]
    [InlineData("host: localhost:5000", "localhost:5000", "localhost:5000")]
    [InlineData("host: \"localhost:5000\"\nhostFromContainerRuntime: \"registry:5000\"\nhostFromClusterNetwork: \"other:5000\"\nhelp: https://example.com", "localhost:5000", "registry:5000")]
    [InlineData("host: 127.0.0.1:5005\nhostFromContainerRuntime: ''\nof_a_later_version: [1]", "127.0.0.1:5005", "127.0.0.1:5005")]
    public async Task A_registry_that_the_cluster_names_is_used(string said, string push, string pull)
    {
        await SayAsync(said);
        Parsed<DeliveryChoice> choice = await ChooseAsync();
        choice.Diagnostics.ShouldBeEmpty();
        choice.Value!.Delivery.ShouldBe(new Delivery.Registry(push, pull));
        choice.Value.Remark.ShouldBe($"images go to the registry {push}, which the cluster names");
    }

    [Fact]
    public async Task A_registry_of_the_config_counts_before_it()
    {
        await SayAsync("host: localhost:5000");
        Parsed<DeliveryChoice> choice = await ChooseAsync("registry: {host: \"reg.io:1\"}\n");
        choice.Value!.Delivery.ShouldBe(new Delivery.Registry("reg.io:1", "reg.io:1"));
        _cluster.Calls.ShouldNotContain(c => c.Reference == HostedRegistry.Place && c.Verb == "get");
    }

    [Fact]
    public async Task What_deploys_no_image_of_its_own_needs_no_registry()
    {
        FakeFileTree files = Shop.With("api").Files();
        Parsed<DeliveryChoice> choice = await ChooseAsync(FakeWork.Load(files).Value!);
        choice.Diagnostics.ShouldBeEmpty();
        choice.Value!.Delivery.ShouldBeNull();
    }

    [Fact]
    public async Task The_nodes_of_a_kind_cluster_are_loaded_from_the_engine()
    {
        ImageNode node = _nodes.Start("node", NodeRuntime.Containerd, "io.x-k8s.kind.cluster=fake");
        _nodes.Start("fake-external-load-balancer", NodeRuntime.Containerd, "io.x-k8s.kind.cluster=fake");

        DeliveryChoice choice = (await ChooseAsync()).Value.ShouldNotBeNull();

        choice.Delivery.ShouldBeOfType<Delivery.Nodes>().All.ShouldBe([node]);
        choice.Remark.ShouldBe("images are loaded into the node node");
    }

    [Theory]
    [InlineData("k3d-fake", "containerd://1.7.0", NodeRuntime.Containerd, "app=k3d k3d.cluster=fake")]
    [InlineData("minikube", "containerd://1.7.0", NodeRuntime.Containerd, "name.minikube.sigs.k8s.io=minikube")]
    [InlineData("minikube", "docker://27.4.1", NodeRuntime.Docker, "name.minikube.sigs.k8s.io=minikube")]
    [InlineData("profile", "docker://27.4.1", NodeRuntime.Docker, "name.minikube.sigs.k8s.io=profile")]
    public async Task So_are_those_of_k3d_and_minikube(string context, string runtime, NodeRuntime kept, string labels)
    {
        _cluster = new FakeCluster { Context = context, Runtime = runtime };
        ImageNode node = _nodes.Start("node", kept, [.. labels.Split(' ')]);

        (await ChooseAsync()).Value.ShouldNotBeNull().Delivery.ShouldBeOfType<Delivery.Nodes>().All.ShouldBe([node]);
    }

    [Theory]
    [InlineData("kind-fake", "containerd://1.7.0", "io.x-k8s.kind.cluster=other")]
    [InlineData("elsewhere", "containerd://1.7.0", "io.x-k8s.kind.cluster=fake")]
    [InlineData("k3d-fake", "containerd://1.7.0", "k3d.cluster=fake")]
    [InlineData("minikube", "cri-o://1.30.0", "name.minikube.sigs.k8s.io=minikube")]
    public async Task Containers_of_another_cluster_or_runtime_are_no_way(string context, string runtime, string label)
    {
        _cluster = new FakeCluster { Context = context, Runtime = runtime };
        _nodes.Start("node", NodeRuntime.Containerd, label);
        (await ChooseAsync()).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.NoDelivery);
    }

    [Fact]
    public async Task A_registry_that_the_cluster_names_goes_before_its_nodes()
    {
        _nodes.Start("node", NodeRuntime.Containerd, "io.x-k8s.kind.cluster=fake");
        await SayAsync("host: localhost:5000");
        (await ChooseAsync()).Value.ShouldNotBeNull().Delivery.ShouldBeOfType<Delivery.Registry>();
    }

    [Fact]
    public async Task Without_a_way_the_error_names_four()
    {
        Diagnostic error = (await ChooseAsync()).Diagnostics.ShouldHaveSingleItem();
        (error.Code, error.Severity).ShouldBe((DiagnosticCode.NoDelivery, Severity.Error));
        error.Notes.Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_cluster_that_only_says_where_to_read_on_is_quoted()
    {
        await SayAsync("help: https://example.com/registry");
        (await ChooseAsync()).Diagnostics.ShouldHaveSingleItem().Notes[^1].ShouldBe("the cluster's makers say more: https://example.com/registry");
    }

    [Fact]
    public async Task A_cluster_that_does_not_let_it_be_read_says_nothing()
    {
        await SayAsync("host: localhost:5000");
        _cluster.Refuse = call => call.Reference == HostedRegistry.Place ? new ClusterException(403, "Forbidden", "no") : null;
        (await ChooseAsync()).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.NoDelivery);
    }

    [Theory]
    [InlineData("host: http://localhost:5000", "`host` is `http://localhost:5000`, which is no host with a port")]
    [InlineData("host: registry", "`host` is `registry`, which is no host with a port")]
    [InlineData("host: localhost:5000\nhostFromContainerRuntime: a b", "`hostFromContainerRuntime` is `a b`, which is no host with a port")]
    [InlineData("host: [localhost]", "`host` is no text")]
    [InlineData("hostFromContainerRuntime: registry:5000", "`hostFromContainerRuntime` says where nodes pull, and no `host` where to push")]
    [InlineData("- host", "`localRegistryHosting.v1` is no mapping")]
    [InlineData("", "`localRegistryHosting.v1` is no mapping")]
    public async Task What_cannot_be_understood_is_a_warning_that_says_why(string said, string why)
    {
        await SayAsync(said);
        Diagnostic warning = (await HostedRegistry.FindAsync(_cluster, CancellationToken.None)).Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.Severity).ShouldBe((DiagnosticCode.RegistryHosting, Severity.Warning));
        warning.Message.ShouldBe("the cluster names a registry in a way that cannot be understood: " + why);
    }

    [Fact]
    public void A_map_without_the_key_or_with_broken_yaml_is_told_too()
    {
        HostedRegistry.Read(Json("""{"data": {"localRegistryHosting.v2": "host: localhost:5000"}}""")).Diagnostics.Single().Message.ShouldEndWith("it has no key `localRegistryHosting.v1`");
        HostedRegistry.Read(Json("{}")).Diagnostics.Single().Message.ShouldEndWith("it has no key `localRegistryHosting.v1`");
        HostedRegistry.Read(Json("""{"data": {"localRegistryHosting.v1": "host: [unclosed"}}""")).Diagnostics.Single().Message.ShouldContain("`localRegistryHosting.v1` is no YAML: ");
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private async Task SayAsync(string yaml)
    {
        await _cluster.ApplyAsync(Json("""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-public"}}"""), CancellationToken.None);
        await _cluster.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "local-registry-hosting", ["namespace"] = "kube-public" },
            ["data"] = new JsonObject { ["localRegistryHosting.v1"] = yaml },
        }, CancellationToken.None);
    }

    private Task<Parsed<DeliveryChoice>> ChooseAsync(string config = "")
    {
        FakeFileTree files = Shop.With("api").Running("web", ["api"]).Files();
        files.Write("devloop.yaml", System.Text.Encoding.UTF8.GetString(files.ContentAt(files.Root + "/devloop.yaml")!) + config);
        return ChooseAsync(FakeWork.Load(files).Value!);
    }

    private async Task<Parsed<DeliveryChoice>> ChooseAsync(ResolvedProject project)
    {
        var probe = (ClusterProbe.Reached)await _cluster.ProbeAsync(CancellationToken.None);
        return await DeliveryChoice.OfAsync(project, Engine, _store, _nodes, probe, _cluster, CancellationToken.None);
    }
}
