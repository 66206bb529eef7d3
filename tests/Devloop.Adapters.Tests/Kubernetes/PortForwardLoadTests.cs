using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Devloop.Adapters.Kubernetes;
using Devloop.Adapters.Kubernetes.PortForwarding;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>Many connections, many bytes, and ends that come early: what the forward of a working day carries.</summary>
[Trait("Needs", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class PortForwardLoadTests(TestCluster test)
{
    private const int Large = 100 * 1024 * 1024;
    private const string B = "/bin/busybox";

    [Fact]
    public async Task Two_hundred_connections_at_a_time_are_answered_each_with_its_own_answer()
    {
        await using Forward forward = await ForwardAsync("parallel", Nc("cat"));
        byte[][] sent = [.. Enumerable.Range(0, 200).Select(_ => RandomNumberGenerator.GetBytes(20_000))];
        // All stand before the first one sends its second half.
        TcpClient[] clients = await Task.WhenAll(sent.Select(_ => forward.ConnectAsync()));
        await Task.WhenAll(clients.Zip(sent, (c, bytes) => EchoAsync(c, bytes.AsMemory(0, 10_000))));
        await Task.WhenAll(clients.Zip(sent, (c, bytes) => EchoAsync(c, bytes.AsMemory(10_000))));
        foreach (TcpClient client in clients)
            client.Dispose();
    }

    [Fact]
    public async Task A_hundred_megabytes_come_down_as_they_were()
    {
        await using Forward forward = await ForwardAsync("down", Shell($"{B} dd if=/dev/urandom of=/blob bs=1M count=100; {B} sha256sum /blob > /sum; exec {B} httpd -f -p 8080 -h /"));
        using var http = new HttpClient();
        using Stream blob = await http.GetStreamAsync(new Uri($"http://127.0.0.1:{forward.Port}/blob"), Later());
        string sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(blob, Later()));
        sum.ShouldBe((await http.GetStringAsync(new Uri($"http://127.0.0.1:{forward.Port}/sum"), Later())).Split(' ')[0]);
    }

    [Fact]
    public async Task A_hundred_megabytes_go_up_as_they_were()
    {
        await using Forward forward = await ForwardAsync("up", Nc("sh", "-c", $"{B} head -c {Large} | {B} sha256sum"));
        byte[] bytes = RandomNumberGenerator.GetBytes(Large);
        using TcpClient client = await forward.ConnectAsync();
        await client.GetStream().WriteAsync(bytes, Later());
        using var reader = new StreamReader(client.GetStream());
        (await reader.ReadLineAsync(Later()))!.Split(' ')[0].ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    public async Task A_client_that_ends_its_side_still_gets_its_whole_answer()
    {
        await using Forward forward = await ForwardAsync("half", Shell($"{B} dd if=/dev/urandom of=/blob bs=1M count=10; exec {B} httpd -f -p 8080 -h /"));
        using TcpClient client = await forward.ConnectAsync();
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("GET /blob HTTP/1.0\r\n\r\n"u8.ToArray(), Later());
        client.Client.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, Later());
        byte[] whole = answer.ToArray();
        int body = whole.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        (whole.Length - body).ShouldBe(10 * 1024 * 1024);
    }

    [Fact]
    public async Task A_server_that_ends_first_is_heard_to_its_last_byte()
    {
        await using Forward forward = await ForwardAsync("first", Nc("sh", "-c", $"{B} head -c 3000000 /dev/zero"));
        for (int i = 0; i < 10; i++)
        {
            using TcpClient client = await forward.ConnectAsync();
            using var answer = new MemoryStream();
            await client.GetStream().CopyToAsync(answer, Later());
            answer.Length.ShouldBe(3_000_000);
        }
    }

    [Fact]
    public async Task Five_hundred_connections_leave_nothing_open()
    {
        // The relay's port tells the forward's own connections to the API server from those of other tests.
        ClusterAccess access = TestCluster.Access();
        await using var relay = new CuttingRelay(access.Server);
        using var cluster = new KubernetesCluster(access with { Server = new Uri($"{access.Server.Scheme}://{relay.Address}") }, TimeProvider.System);
        JsonObject pod = await RunAsync("leaves", Shell($"echo hello > /index.html; exec {B} httpd -f -p 8080 -h /"));
        await using Forward forward = Listen(pod, "127.0.0.1", cluster);
        await RequestsAsync(forward, 50);
        int[] ports = [forward.Port, new Uri("http://" + relay.Address).Port];
        int before = await OpenSockets.RestingAsync(ports, atMost: int.MaxValue, Later());
        await RequestsAsync(forward, 500);
        int after = await OpenSockets.RestingAsync(ports, atMost: before, Later());
        after.ShouldBeLessThanOrEqualTo(before);
    }

    [Fact]
    public async Task Localhost_is_both_loopbacks_and_another_loopback_address_is_itself()
    {
        JsonObject pod = await RunAsync("hosts", Shell($"echo hello > /index.html; exec {B} httpd -f -p 8080 -h /"));
        await using Forward both = Listen(pod, "localhost");
        await using Forward other = Listen(pod, "127.0.0.2");
        using var http = new HttpClient();
        (await http.GetStringAsync(new Uri($"http://127.0.0.1:{both.Port}/"), Later())).ShouldBe("hello\n");
        if (Socket.OSSupportsIPv6)
            (await http.GetStringAsync(new Uri($"http://[::1]:{both.Port}/"), Later())).ShouldBe("hello\n");
        (await http.GetStringAsync(new Uri($"http://127.0.0.2:{other.Port}/"), Later())).ShouldBe("hello\n");
        await Should.ThrowAsync<SocketException>(other.ConnectAsync());
    }

    /// <summary>Each with a connection of its own, twenty at a time.</summary>
    private static async Task RequestsAsync(Forward forward, int count) =>
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (_, _) =>
        {
            using TcpClient client = await forward.ConnectAsync();
            await client.GetStream().WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), Later());
            using var reader = new StreamReader(client.GetStream());
            (await reader.ReadToEndAsync(Later())).ShouldEndWith("hello\n");
        });

    private static async Task EchoAsync(TcpClient client, ReadOnlyMemory<byte> bytes)
    {
        await client.GetStream().WriteAsync(bytes, Later());
        byte[] back = new byte[bytes.Length];
        await client.GetStream().ReadExactlyAsync(back, Later());
        back.AsSpan().SequenceEqual(bytes.Span).ShouldBeTrue();
    }

    private static string[] Shell(string script) => [B, "sh", "-c", script];

    private static string[] Nc(params string[] program) => [B, "nc", "-ll", "-p", "8080", "-e", B, .. program];

    private static CancellationToken Later() => new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    private Task<JsonObject> RunAsync(string name, string[] command) => test.RunAsync(Workloads.Deployment(test.Namespace, "load-" + name, 1, command));

    private async Task<Forward> ForwardAsync(string name, string[] command) => Listen(await RunAsync(name, command), "127.0.0.1");

    private Forward Listen(JsonObject pod, string host, KubernetesCluster? through = null)
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        IPortForward open = new PortForwarder(through ?? test.Cluster).Start(new PortForward(host, port, "8080"), _ => { }).ShouldBeOfType<PortForwardStart.Listening>().Forward;
        open.PointAt(new ForwardTarget(test.Namespace, pod.Text("metadata", "name")!, 8080));
        return new Forward(open, port);
    }

    private sealed record Forward(IPortForward Open, int Port) : IAsyncDisposable
    {
        public async Task<TcpClient> ConnectAsync()
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, Later());
            return client;
        }

        public ValueTask DisposeAsync() => Open.DisposeAsync();
    }
}
