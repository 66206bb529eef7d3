using System.Text;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Ports;
using Devloop.Session.Live;

namespace Devloop.Adapters.Tests.Live;

/// <summary>Containers of the real engine.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class EngineContainersTests(LiveCluster test) : EngineContainersContract, IAsyncLifetime
{
    private readonly List<string> _started = [];

    protected override IEngineContainers Engine => test.Engine;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (string id in _started)
            await LiveCluster.DockerAsync("rm", "-f", id);
    }

    [Fact]
    public async Task A_command_runs_as_the_containers_own_user_or_as_root()
    {
        ContainerPlace place = await StartAsync();
        foreach ((bool asRoot, string ids) in new[] { (false, "1000 1000"), (true, "0 0") })
        {
            var output = new StringBuilder();
            await Engine.ExecAsync(new ContainerOrder(place, ["/bin/busybox", "sh", "-c", "echo $(id -u) $(id -g)"]) { AsRoot = asRoot, Output = (bytes, _) => output.Append(Encoding.UTF8.GetString(bytes.Span)) }, Soon());
            output.ToString().ShouldBe(ids + "\n");
        }
    }

    protected override async Task<ContainerPlace> StartAsync()
    {
        string id = Encoding.UTF8.GetString(await LiveCluster.DockerAsync("run", "-d", "-u", "1000:1000", LiveCluster.Tools, "/bin/sleep", "1000")).Trim();
        _started.Add(id);
        return new ContainerPlace("none", "none", "main", "docker://" + id);
    }

    protected override Task StopAsync(ContainerPlace place) => LiveCluster.DockerAsync("kill", LiveCluster.Id(place));
}

/// <summary>Containers of the real cluster, through its API server.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class PodContainersTests(LiveCluster test) : ContainersContract
{
    protected override IContainers Containers => new PodContainers(test.Cluster);

    protected override Task<ContainerPlace> StartAsync() => test.SharedAsync("contract", () => test.RunAsync("contract-" + Guid.NewGuid().ToString("N")[..8], LiveCluster.Tools, command: ["/bin/sleep", "100000"]));

    protected override async Task StopAsync(ContainerPlace place)
    {
        await test.Cluster.DeleteAsync(new ObjectReference(new ObjectKind("v1", "Pod"), place.Namespace, place.Pod), DeletePropagation.Background, Soon());
        CancellationToken soon = Soon();
        while (await test.Cluster.GetAsync(new ObjectReference(new ObjectKind("v1", "Pod"), place.Namespace, place.Pod), soon) is not null)
            await Task.Delay(50, soon);
        test.Forget("contract");
    }
}
