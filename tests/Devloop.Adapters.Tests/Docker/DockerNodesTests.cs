using Devloop.Adapters.Docker;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Docker;

/// <summary>Against containerd itself in containers of the engine. Needs <c>containerd</c>, <c>ctr</c> and <c>docker</c> on the path.</summary>
[Trait("Needs", "Engine")]
[Collection(SshHost.Alone)]
public sealed class DockerNodesTests : NodeImagesContract, IAsyncLifetime, IDisposable
{
    private const int Small = 1000;

    private readonly NodeContainers _containers = new();
    private readonly DockerNodes _nodes = new(TestEngine.Dialer());

    protected override INodeImages Nodes => _nodes;

    protected override Task<ImageNode> StartAsync() => _containers.StartAsync([$"devloop-load.cluster={Cluster}", "devloop-load.role=node"]);

    protected override Task StopAsync(ImageNode node) => NodeContainers.StopAsync(node);

    protected override Task<ImageReference> PutAsync() => _containers.PutAsync(Small);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _containers.DisposeAsync();

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public async Task A_node_that_has_no_room_is_named_with_its_own_words_and_the_others_have_it()
    {
        ImageNode good = await StartAsync(), full = await _containers.StartAsync([], room: 4);
        ImageReference image = await _containers.PutAsync(8 * 1024 * 1024);

        Diagnostic? failure = await Nodes.LoadAsync(image, [full, good], new RecordedProgress(), default);

        failure.ShouldNotBeNull().Message.ShouldBe($"`{image.Familiar}` was not loaded into the node `{full.Container.Name}`");
        failure.Code.ShouldBe(DiagnosticCode.LoadFailed);
        failure.Notes.ShouldHaveSingleItem().ShouldContain("no space left on device");
        (await Nodes.HasAsync(image, good, default)).ShouldBeTrue();
        (await Nodes.HasAsync(image, full, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_load_that_is_cancelled_ends_in_the_node_too_and_can_be_done_again()
    {
        ImageNode node = await StartAsync();
        ImageReference image = await _containers.PutAsync(16 * 1024 * 1024);
        using var cancellation = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(Nodes.LoadAsync(image, [node], new AtFirst(cancellation.Cancel), cancellation.Token));

        await NodeContainers.UntilIdleAsync(node);
        (await Nodes.HasAsync(image, node, default)).ShouldBeFalse();
        (await Nodes.LoadAsync(image, [node], new RecordedProgress(), default)).ShouldBeNull();
        (await Nodes.HasAsync(image, node, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Progress_counts_up_to_about_the_size_of_the_image()
    {
        const int size = 8 * 1024 * 1024;
        ImageNode node = await StartAsync();
        ImageReference image = await _containers.PutAsync(size);
        var progress = new RecordedProgress();

        (await Nodes.LoadAsync(image, [node], progress, default)).ShouldBeNull();

        BuildProgress.Transfer[] told = [.. progress.All.Cast<BuildProgress.Transfer>()];
        told.Select(t => t.Current).ShouldBeInOrder();
        told[^1].Current.ShouldBeGreaterThanOrEqualTo(size);
        told.ShouldAllBe(t => t.Total == size);
    }

    [Fact]
    public async Task A_node_with_an_engine_inside_takes_images_through_its_docker_client()
    {
        if (TestEngine.Dialer().Address is not EngineAddress.Unix { Path: var socket })
            throw new InvalidOperationException("this test binds the engine's socket into a container");
        ImageNode node = await _containers.StartWithEngineAsync(socket);
        ImageReference image = await PutAsync();

        (await Nodes.HasAsync(image, node, default)).ShouldBeTrue();
        (await Nodes.HasAsync(image.WithTag("devloop-0000000000000000"), node, default)).ShouldBeFalse();
        (await Nodes.LoadAsync(image, [node], new RecordedProgress(), default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_image_is_loaded_through_an_engine_over_ssh_too()
    {
        await using SshHost host = await SshHost.StartAsync();
        using var nodes = new DockerNodes(new EngineDialer(host.Address));
        ImageNode node = await StartAsync();
        ImageReference image = await PutAsync();

        (await nodes.LoadAsync(image, [node], new RecordedProgress(), default)).ShouldBeNull();
        (await nodes.HasAsync(image, node, default)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("kind-", "io.x-k8s.kind.cluster=")]
    [InlineData("", "name.minikube.sigs.k8s.io=")]
    public async Task The_nodes_of_a_cluster_are_recognised_among_the_containers(string prefix, string label)
    {
        ImageNode node = await _containers.StartAsync([label + Cluster]);
        var inCluster = new ClusterNode(node.Container.Name, "containerd://1.7.0", "machine", "system", "boot", []);

        (await LocalNodes.FindAsync(prefix + Cluster, [inCluster], Nodes, default)).ShouldBe([node]);
        (await LocalNodes.FindAsync(prefix + Cluster, [inCluster, inCluster with { Name = "elsewhere" }], Nodes, default)).ShouldBeEmpty();
        (await LocalNodes.FindAsync("kind-other", [inCluster], Nodes, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_engine_that_is_away_is_told_as_such()
    {
        using var nowhere = new DockerNodes(new EngineDialer(new EngineAddress.Unix("/nowhere/docker.sock")));
        (await Should.ThrowAsync<EngineUnreachableException>(nowhere.FindAsync(["a=b"], default))).Diagnostic.Code.ShouldBe(DiagnosticCode.EngineUnreachable);
    }

    private sealed class AtFirst(Action act) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => act();
    }
}
