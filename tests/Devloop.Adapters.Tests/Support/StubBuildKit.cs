using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.Support;

/// <summary>
/// Takes the calls of a build as a BuildKit does, and builds nothing: a test says what comes out.
/// </summary>
internal sealed class StubBuildKit : IDialer, IAsyncDisposable
{
    private readonly GrpcServices _services = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<GrpcServer> _server = GrpcServer.StartAsync(CancellationToken.None);

    /// <param name="export">Puts the result where a request says, and gives what the exporter says of it.</param>
    public StubBuildKit(Func<SolveRequest, Task<IReadOnlyDictionary<string, string>>> export)
    {
        _services.AddUnary("/moby.buildkit.v1.Control/ListWorkers", ListWorkersRequest.Parser, (_, _) => ValueTask.FromResult(Worker is null ? new ListWorkersResponse() : new ListWorkersResponse { Record = { Worker } }));
        _services.AddUnary("/moby.buildkit.v1.Control/Solve", SolveRequest.Parser, async (solve, _) =>
        {
            Solved.Enqueue(solve);
            var response = new SolveResponse();
            foreach ((string name, string value) in await export(solve))
                response.ExporterResponse[name] = value;
            return response;
        });
        _services.Methods["/moby.buildkit.v1.Control/Status"] = _ => Task.CompletedTask;
        _services.Methods["/moby.buildkit.v1.Control/Session"] = async context =>
        {
            await context.Response.BodyWriter.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        };
    }

    public WorkerRecord? Worker { get; init; }

    public ConcurrentQueue<SolveRequest> Solved { get; } = [];

    public ServerKind Server => ServerKind.BuildKit;

    public string Place => "stub";

    public async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new TcpClient();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, cancellationToken);
        TcpClient far = await listener.AcceptTcpClientAsync(cancellationToken);
        _connections.Add((await _server).ServeAsync(far.GetStream(), _services, _stop.Token));
        return near.GetStream();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await (await _server).DisposeAsync();
        await Task.WhenAll(_connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
