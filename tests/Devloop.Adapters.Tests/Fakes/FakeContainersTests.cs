using Devloop.Adapters.Tests.Contracts;
using Devloop.Ports;
using Devloop.Session.Live;
using Devloop.Testing;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Fakes;

public sealed class FakeEngineContainersTests : EngineContainersContract
{
    private readonly FakeEngineContainers _engine = new();

    protected override IEngineContainers Engine => _engine;

    protected override Task<ContainerPlace> StartAsync()
    {
        _engine.Start("docker://one");
        return Task.FromResult(new ContainerPlace("default", "pod", "main", "docker://one"));
    }

    protected override Task StopAsync(ContainerPlace place)
    {
        _engine.Stop(place.Id);
        return Task.CompletedTask;
    }
}

/// <summary>The way through the API server, where that is the fake one.</summary>
public sealed class FakePodContainersTests : ContainersContract
{
    private readonly FakeCluster _cluster = new();

    protected override IContainers Containers => new PodContainers(_cluster);

    protected override async Task<ContainerPlace> StartAsync()
    {
        await _cluster.ApplyAsync(Workloads.Deployment("default", "one", 1), Soon());
        var pods = new List<System.Text.Json.Nodes.JsonObject>();
        await foreach (WatchNotice notice in _cluster.WatchAsync(new ObjectKind("v1", "Pod"), "default", null, Soon()))
        {
            if (notice is WatchNotice.Present present)
                pods.Add(present.Object);
            else
                break;
        }
        System.Text.Json.Nodes.JsonObject pod = pods.ShouldHaveSingleItem();
        return new ContainerPlace("default", pod.Text("metadata", "name")!, "main", (string)pod["status"]!["containerStatuses"]![0]!["containerID"]!);
    }

    protected override Task StopAsync(ContainerPlace place) => _cluster.DeleteAsync(new ObjectReference(new ObjectKind("apps/v1", "Deployment"), "default", "one"), DeletePropagation.Background, Soon());
}

public sealed class FakeSourceFilesTests : SourceFilesContract
{
    private readonly FakeSourceFiles _sources = new();

    protected override ISourceFiles Sources => _sources;

    protected override string Missing => "/missing";

    protected override string Put(string name, byte[] content)
    {
        _sources.Write("/" + name, content);
        return "/" + name;
    }
}
