using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.Support;

/// <summary>
/// Takes the calls of a build as a BuildKit without an image store does, and builds nothing: the "result" of a solve is an image that it
/// puts into the real registry.
/// </summary>
internal sealed class StubBuildKit : IDialer, IAsyncDisposable
{
    private readonly GrpcServices _services = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<GrpcServer> _server = GrpcServer.StartAsync(CancellationToken.None);

    /// <param name="push">Puts the result where the exporter's attributes say, and gives its manifest's digest.</param>
    public StubBuildKit(Func<IDictionary<string, string>, Task<string>> push)
    {
        _services.AddUnary("/moby.buildkit.v1.Control/ListWorkers", ListWorkersRequest.Parser, (_, _) => ValueTask.FromResult(new ListWorkersResponse()));
        _services.AddUnary("/moby.buildkit.v1.Control/Solve", SolveRequest.Parser, async (solve, _) =>
        {
            Solved.Enqueue(solve);
            return new SolveResponse { ExporterResponse = { ["containerimage.digest"] = await push(solve.ExporterAttrs) } };
        });
        _services.Methods["/moby.buildkit.v1.Control/Status"] = _ => Task.CompletedTask;
        _services.Methods["/moby.buildkit.v1.Control/Session"] = async context =>
        {
            await context.Response.BodyWriter.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        };
    }

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
