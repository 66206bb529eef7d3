using System.Diagnostics;
using System.Text.Json.Nodes;
using Devloop.Adapters.Kubernetes;
using Devloop.Ports;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>The real cluster of <c>DEVLOOP_TEST_KUBECONFIG</c> with the test image and a namespace that is deleted at the end.</summary>
public sealed class TestCluster : IAsyncLifetime
{
    public static string Kubeconfig =>
        Environment.GetEnvironmentVariable("DEVLOOP_TEST_KUBECONFIG") ?? throw new InvalidOperationException("these tests need a cluster: set DEVLOOP_TEST_KUBECONFIG");

    public string Namespace { get; } = "kubernetes-" + Guid.NewGuid().ToString("N")[..8];

    public KubernetesCluster Cluster { get; } = new(Access(), TimeProvider.System);

    public static ClusterAccess Access()
    {
        ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [Kubeconfig] }).TryGet(out ClusterAccess? access).ShouldBeTrue();
        return access!;
    }

    public async Task InitializeAsync()
    {
        await BuildImageAsync();
        await Cluster.ApplyAsync(Json.Parse($$$"""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{{Namespace}}}"}}"""), Soon());
    }

    public async Task DisposeAsync()
    {
        await Cluster.DeleteAsync(new ObjectReference(new ObjectKind("v1", "Namespace"), null, Namespace), DeletePropagation.Background, Soon());
        Cluster.Dispose();
    }

    /// <summary>Applies a Deployment and waits until a pod of the newest revision is ready.</summary>
    public async Task<JsonObject> RunAsync(JsonObject deployment)
    {
        await Cluster.ApplyAsync(deployment, Soon());
        string name = (string)deployment["metadata"]!["name"]!;
        return await new ClusterView(Cluster, Namespace).UntilAsync(
            view => view.Find(new ObjectKind("apps/v1", "Deployment"), name) is { } workload
                && Rollout.WorkloadHealth.Of(workload, view.All("ReplicaSet"), view.All("Pod"), []) is Rollout.Health.Ready
                ? Rollout.ForwardChoice.Choose(workload, view.All("ReplicaSet"), view.All("Pod"))
                : null,
            _ => true,
            Soon());
    }

    public static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    private static async Task BuildImageAsync()
    {
        string directory = Directory.CreateTempSubdirectory("devloop-busybox-").FullName;
        File.Copy("/bin/busybox", Path.Combine(directory, "busybox"));
        await File.WriteAllTextAsync(Path.Combine(directory, "Dockerfile"), "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n");
        using Process build = Process.Start(new ProcessStartInfo("docker", ["build", "-q", "-t", Workloads.Image, directory]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string errors = await build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync();
        build.ExitCode.ShouldBe(0, errors);
        Directory.Delete(directory, recursive: true);
    }
}

/// <summary>One cluster and namespace for all classes that share the collection.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<TestCluster>
{
    public const string Name = "cluster";
}
