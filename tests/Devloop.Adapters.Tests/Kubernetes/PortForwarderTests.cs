using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Adapters.Kubernetes.PortForwarding;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Kubernetes;

[Trait("Needs", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class PortForwarderTests(TestCluster test)
{
    private const int PodPort = 8080;

    [Fact]
    public async Task Fifty_connections_at_a_time_are_answered()
    {
        JsonObject pod = await ServeAsync("many", "echo hello > index.html");
        await using IPortForward forward = Listen(out int port);
        forward.PointAt(Target(pod));
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => GetTextAsync(port)));
        answers.ShouldAllBe(a => a == "hello\n");
    }

    [Fact]
    public async Task Twenty_megabytes_arrive_as_they_were()
    {
        JsonObject pod = await ServeAsync("large", "dd if=/dev/urandom of=blob bs=1M count=20 && sha256sum blob > sum");
        await using IPortForward forward = Listen(out int port);
        forward.PointAt(Target(pod));
        using var http = new HttpClient();
        byte[] blob = await http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{port}/blob"), TestCluster.Soon());
        string sum = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/sum"), TestCluster.Soon());
        blob.Length.ShouldBe(20 * 1024 * 1024);
        Convert.ToHexStringLower(SHA256.HashData(blob)).ShouldBe(sum.Split(' ')[0]);
    }

    [Fact]
    public async Task Megabytes_sent_before_the_first_answer_arrive_as_they_were()
    {
        JsonObject pod = await test.RunAsync(Workloads.Deployment(test.Namespace, "upload", 1, "/bin/busybox", "nc", "-ll", "-p", "8080", "-e", "/bin/sh", "-c", "/bin/busybox head -c 5000000 | /bin/busybox sha256sum"));
        await using IPortForward forward = Listen(out int port);
        forward.PointAt(Target(pod));
        byte[] bytes = RandomNumberGenerator.GetBytes(5_000_000);
        using TcpClient client = await ConnectAsync(port);
        await client.GetStream().WriteAsync(bytes, TestCluster.Soon());
        using var reader = new StreamReader(client.GetStream());
        (await reader.ReadLineAsync(TestCluster.Soon()))!.Split(' ')[0].ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    public async Task A_connection_made_before_there_is_a_pod_is_answered_once_there_is_one()
    {
        await using IPortForward forward = Listen(out int port);
        Task<string> answer = GetTextAsync(port);
        JsonObject pod = await ServeAsync("later", "echo later > index.html");
        answer.IsCompleted.ShouldBeFalse();
        forward.PointAt(Target(pod));
        (await answer).ShouldBe("later\n");
    }

    [Fact]
    public async Task A_request_to_a_port_where_nothing_listens_yet_is_answered_once_it_does()
    {
        JsonObject pod = await test.RunAsync(Workloads.Deployment(test.Namespace, "slow", 1, Shell("/bin/busybox sleep 3; cd /; echo slow > index.html; exec /bin/busybox httpd -f -p 8080")));
        await using IPortForward forward = Listen(out int port);
        forward.PointAt(Target(pod));
        (await GetTextAsync(port)).ShouldBe("slow\n");
    }

    [Fact]
    public async Task After_the_pod_was_replaced_new_connections_reach_the_new_pod()
    {
        JsonObject old = await ServeAsync("replaced", "echo old > index.html");
        await using IPortForward forward = Listen(out int port);
        forward.PointAt(Target(old));
        (await GetTextAsync(port)).ShouldBe("old\n");
        JsonObject young = await ServeAsync("replaced", "echo new > index.html");
        young.Text("metadata", "name").ShouldNotBe(old.Text("metadata", "name"));
        // Not pointed at yet: the old pod is going or gone, and the client must not notice.
        Task<string> answer = GetTextAsync(port);
        forward.PointAt(Target(young));
        (await answer).ShouldBeOneOf("old\n", "new\n");
        (await GetTextAsync(port)).ShouldBe("new\n");
    }

    [Fact]
    public async Task A_standing_connection_stays_with_its_pod_when_the_forward_turns_away()
    {
        JsonObject pod = await test.RunAsync(Workloads.Deployment(test.Namespace, "standing", 1, "/bin/busybox", "nc", "-ll", "-p", "8080", "-e", "/bin/busybox", "cat"));
        await using IPortForward forward = Listen(out int port);
        forward.PointAt(Target(pod));
        using TcpClient client = await ConnectAsync(port);
        (await EchoAsync(client, "one")).ShouldBe("one");
        forward.PointAt(null);
        (await EchoAsync(client, "two")).ShouldBe("two");
    }

    [Fact]
    public async Task Disposing_ends_connections_and_frees_the_port()
    {
        JsonObject pod = await test.RunAsync(Workloads.Deployment(test.Namespace, "disposed", 1, "/bin/busybox", "nc", "-ll", "-p", "8080", "-e", "/bin/busybox", "cat"));
        IPortForward forward = Listen(out int port);
        forward.PointAt(Target(pod));
        using TcpClient client = await ConnectAsync(port);
        (await EchoAsync(client, "one")).ShouldBe("one");
        await forward.DisposeAsync();
        await Should.ThrowAsync<SocketException>(ConnectAsync(port));
        await using IPortForward again = new PortForwarder(test.Cluster).Start(new PortForward("127.0.0.1", port, "8080"), _ => { }).ShouldBeOfType<PortForwardStart.Listening>().Forward;
    }

    [Fact]
    public void A_busy_port_is_refused_with_the_one_who_holds_it()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        int port = ((IPEndPoint)holder.LocalEndpoint).Port;
        Diagnostic why = new PortForwarder(test.Cluster).Start(new PortForward("127.0.0.1", port, "8080"), _ => { }).ShouldBeOfType<PortForwardStart.Refused>().Why;
        why.Code.ShouldBe(DiagnosticCode.PortBusy);
        why.Message.ShouldBe(string.Create(CultureInfo.InvariantCulture, $"`127.0.0.1:{port}` is in use"));
        why.Notes.ShouldHaveSingleItem().ShouldContain(string.Create(CultureInfo.InvariantCulture, $"(process {Environment.ProcessId})"));
    }

    private Task<JsonObject> ServeAsync(string name, string prepare) =>
        test.RunAsync(Workloads.Deployment(test.Namespace, name, 1, Shell($"B=/bin/busybox; for c in dd sha256sum sleep; do $B ln -sf $B /bin/$c; done; cd /; {prepare}; exec $B httpd -f -p 8080")));

    private static string[] Shell(string script) => ["/bin/busybox", "sh", "-c", script];

    private ForwardTarget Target(JsonObject pod) => new(test.Namespace, pod.Text("metadata", "name")!, PodPort);

    private IPortForward Listen(out int port)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        return new PortForwarder(test.Cluster).Start(new PortForward("127.0.0.1", port, "8080"), _ => { }).ShouldBeOfType<PortForwardStart.Listening>().Forward;
    }

    /// <summary>A connection of its own for each request.</summary>
    private static async Task<string> GetTextAsync(int port)
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

    private static async Task<string> EchoAsync(TcpClient client, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        await client.GetStream().WriteAsync(bytes, TestCluster.Soon());
        await client.GetStream().ReadExactlyAsync(bytes, TestCluster.Soon());
        return Encoding.UTF8.GetString(bytes);
    }
}
