using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Adapters.Kubernetes;
using Devloop.Adapters.Kubernetes.PortForwarding;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>What is heard of a pod's port when somebody uses it.</summary>
[Trait("Needs", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class PortForwardHealthTests(TestCluster test)
{
    private readonly Channel<ForwardHealth> _heard = Channel.CreateUnbounded<ForwardHealth>();

    [Fact]
    public async Task A_port_where_nothing_listens_is_heard_of_and_then_that_something_does()
    {
        JsonObject pod = await test.RunAsync(Workloads.Deployment(test.Namespace, "silent", 1, "/bin/busybox", "sh", "-c", "/bin/busybox sleep 8; echo here > /index.html; exec /bin/busybox httpd -f -p 8080 -h /"));
        var target = new ForwardTarget(test.Namespace, pod.Text("metadata", "name")!, 8080);
        await using IPortForward forward = Start(test.Cluster, out int port);
        forward.PointAt(target);
        Task<string> answer = GetAsync(port);
        ForwardHealth heard = await _heard.Reader.ReadAsync(TestCluster.Soon());
        (heard.Target, heard.Fault).ShouldBe((target, ForwardFault.NothingListens));
        heard.Said.ShouldContain("refused");
        (await answer).ShouldBe("here\n");
        while ((heard = await _heard.Reader.ReadAsync(TestCluster.Soon())).Fault is not null)
            heard.Fault.ShouldBe(ForwardFault.NothingListens);
        heard.Target.ShouldBe(target);
    }

    [Fact]
    public async Task A_pod_that_is_not_there_is_heard_of_as_unreachable()
    {
        await using IPortForward forward = Start(test.Cluster, out int port);
        forward.PointAt(new ForwardTarget(test.Namespace, "nobody", 8080));
        using TcpClient client = await ConnectAsync(port);
        ForwardHealth heard = await _heard.Reader.ReadAsync(TestCluster.Soon());
        (heard.Fault, heard.Said).ShouldBe((ForwardFault.Unreachable, "status 404"));
    }

    [Fact]
    public async Task Rights_that_lack_are_heard_of_at_once_and_the_connection_ends()
    {
        await using StubApiServer server = await StubApiServer.StartAsync((context, _) => StubApiServer.RefuseAsync(context, 403, "Forbidden", "pods \"web\" is forbidden"));
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        await using IPortForward forward = Start(cluster, out int port);
        forward.PointAt(new ForwardTarget("default", "web", 8080));
        using TcpClient client = await ConnectAsync(port);
        (await client.GetStream().ReadAsync(new byte[1], TestCluster.Soon())).ShouldBe(0);
        (await _heard.Reader.ReadAsync(TestCluster.Soon())).Fault.ShouldBe(ForwardFault.NotAllowed);
        server.Asked.ShouldHaveSingleItem();
    }

    private IPortForward Start(KubernetesCluster cluster, out int port)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        return new PortForwarder(cluster).Start(new PortForward("127.0.0.1", port, "8080"), h => _heard.Writer.TryWrite(h)).ShouldBeOfType<PortForwardStart.Listening>().Forward;
    }

    private static async Task<string> GetAsync(int port)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), TestCluster.Soon());
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestCluster.Soon());
        return client;
    }
}
