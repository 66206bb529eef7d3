using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Devloop.Adapters.Kubernetes;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Kubernetes;

public sealed class UnreachableClusterTests
{
    [Fact]
    public async Task A_server_that_refuses_connections_is_told_with_its_address()
    {
        string server;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            server = "https://" + ((IPEndPoint)free.LocalEndpoint).ToString();
        }
        using KubernetesCluster cluster = Connect(server);
        Diagnostic why = (await cluster.ProbeAsync(CancellationToken.None)).ShouldBeOfType<ClusterProbe.Unreachable>().Why;
        (why.Code, why.Message).ShouldBe((DiagnosticCode.ClusterUnreachable, "the cluster of context `away` cannot be reached: the connection was refused"));
        why.Notes.ShouldBe([$"tried {server}"]);
        ClusterException failed = await Should.ThrowAsync<ClusterException>(cluster.GetAsync(new ObjectReference(new ObjectKind("v1", "Pod"), null, "p"), CancellationToken.None));
        (failed.Status, failed.Message).ShouldBe((0, "the connection was refused"));
    }

    [Fact]
    public async Task A_server_that_does_not_speak_tls_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<Socket> accepting = listener.AcceptSocketAsync();
        using KubernetesCluster cluster = Connect(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"));
        Task<ClusterProbe> probing = cluster.ProbeAsync(CancellationToken.None);
        using (Socket accepted = await accepting)
        {
            await accepted.SendAsync("HTTP/1.0 400 Bad Request\r\n\r\n"u8.ToArray());
            listener.Stop();
        }
        Diagnostic why = (await probing).ShouldBeOfType<ClusterProbe.Unreachable>().Why;
        why.Message.ShouldStartWith("the cluster of context `away` cannot be reached: ");
        why.Message.ShouldNotContain("exception", Case.Insensitive);
    }

    private static KubernetesCluster Connect(string server)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, $$$"""{"current-context": "away", "contexts": [{"name": "away", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "{{{server}}}"} }]}""");
        ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [path] }).TryGet(out ClusterAccess? access).ShouldBeTrue();
        File.Delete(path);
        return new KubernetesCluster(access!, TimeProvider.System);
    }
}
