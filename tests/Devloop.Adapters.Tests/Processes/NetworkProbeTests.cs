using System.Net;
using System.Net.Sockets;
using System.Text;
using Devloop.Adapters.Processes;
using Devloop.Model;

namespace Devloop.Adapters.Tests.Processes;

public sealed class NetworkProbeTests : IDisposable
{
    private readonly NetworkProbe _probe = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    [Fact]
    public async Task A_port_that_somebody_listens_on_answers()
    {
        _listener.Start();
        (await _probe.AskAsync(new ReadinessCheck.Tcp("localhost", Port), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_does_not()
    {
        _listener.Start();
        int port = Port;
        _listener.Stop();
        (await _probe.AskAsync(new ReadinessCheck.Tcp("127.0.0.1", port), CancellationToken.None)).ShouldBe($"nobody listens on port {port}");
        (await _probe.AskAsync(new ReadinessCheck.Http("http", "127.0.0.1", port, "/"), CancellationToken.None)).ShouldBe($"nobody listens on port {port}");
    }

    [Theory]
    [InlineData("200 OK", true)]
    [InlineData("302 Found\r\nLocation: http://127.0.0.1:1/", true)]
    [InlineData("404 Not Found", false)]
    [InlineData("503 Service Unavailable", false)]
    public async Task The_status_of_an_answer_decides(string status, bool ready)
    {
        _listener.Start();
        Task<string> served = ServeAsync(status);
        string? why = await _probe.AskAsync(new ReadinessCheck.Http("http", "localhost", Port, "/healthz?full=1"), CancellationToken.None);
        (await served).ShouldStartWith("GET /healthz?full=1 HTTP/1.1");
        why.ShouldBe(ready ? null : $"port {Port} answered with status {status[..3]}");
    }

    private async Task<string> ServeAsync(string status)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        string first = (await reader.ReadLineAsync())!;
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // The other headers are of no matter.
        }
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return first;
    }

    public void Dispose()
    {
        _probe.Dispose();
        _listener.Dispose();
    }
}
