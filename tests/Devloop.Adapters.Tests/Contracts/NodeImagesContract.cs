using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What nodes do whose images are loaded from the engine that they are containers of.</summary>
public abstract class NodeImagesContract
{
    protected abstract INodeImages Nodes { get; }

    /// <summary>A node that runs, with the labels <c>devloop-load.role=node</c> and <c>devloop-load.cluster=</c> and <see cref="Cluster"/>.</summary>
    protected abstract Task<ImageNode> StartAsync();

    protected abstract Task StopAsync(ImageNode node);

    /// <summary>Puts a new image into the engine under a name without a registry, which is short for one on Docker Hub.</summary>
    protected abstract Task<ImageReference> PutAsync();

    protected string Cluster { get; } = Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task Nodes_that_run_are_found_by_all_of_their_labels()
    {
        ImageNode one = await StartAsync(), other = await StartAsync();
        (await Nodes.FindAsync([$"devloop-load.cluster={Cluster}", "devloop-load.role=node"], default)).ShouldBe([one.Container, other.Container], ignoreOrder: true);
        (await Nodes.FindAsync([$"devloop-load.cluster={Cluster}", "devloop-load.role=other"], default)).ShouldBeEmpty();

        await StopAsync(other);

        (await Nodes.FindAsync([$"devloop-load.cluster={Cluster}"], default)).ShouldBe([one.Container]);
    }

    [Fact]
    public async Task An_image_is_loaded_into_all_nodes_at_once_and_they_have_it_by_its_name()
    {
        ImageNode one = await StartAsync(), other = await StartAsync();
        ImageReference image = await PutAsync(), another = await PutAsync();
        (await Nodes.HasAsync(image, one, default)).ShouldBeFalse();
        var progress = new RecordedProgress();

        (await Nodes.LoadAsync(image, [one, other], progress, default)).ShouldBeNull();

        (await Nodes.HasAsync(image, one, default)).ShouldBeTrue();
        (await Nodes.HasAsync(image, other, default)).ShouldBeTrue();
        (await Nodes.HasAsync(another, one, default)).ShouldBeFalse();
        progress.All.ShouldAllBe(p => p is BuildProgress.Transfer);
        progress.All.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_image_may_be_loaded_again()
    {
        ImageNode node = await StartAsync();
        ImageReference image = await PutAsync();

        (await Nodes.LoadAsync(image, [node], new RecordedProgress(), default)).ShouldBeNull();
        (await Nodes.LoadAsync(image, [node], new RecordedProgress(), default)).ShouldBeNull();
        (await Nodes.HasAsync(image, node, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_the_engine_does_not_have_is_not_loaded()
    {
        ImageNode node = await StartAsync();
        ImageReference nothing = (await PutAsync()).WithTag("devloop-0000000000000000");

        Diagnostic? failure = await Nodes.LoadAsync(nothing, [node], new RecordedProgress(), default);

        failure.ShouldNotBeNull().Code.ShouldBe(DiagnosticCode.LoadFailed);
        failure.Notes.ShouldBe(["the engine does not have the image"]);
        (await Nodes.HasAsync(nothing, node, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_that_stopped_has_nothing_and_takes_nothing()
    {
        ImageNode node = await StartAsync();
        ImageReference image = await PutAsync();
        await StopAsync(node);

        (await Nodes.HasAsync(image, node, default)).ShouldBeFalse();
        Diagnostic? failure = await Nodes.LoadAsync(image, [node], new RecordedProgress(), default);

        failure.ShouldNotBeNull().Message.ShouldBe($"`{image.Familiar}` was not loaded into the node `{node.Container.Name}`");
        failure.Notes.ShouldBe(["its container does not run"]);
    }
}
