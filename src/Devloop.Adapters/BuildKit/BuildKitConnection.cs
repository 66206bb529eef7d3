using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.BuildKit;

/// <summary>
/// A BuildKit: one warm HTTP/2 connection for control calls and sessions, and the server that answers BuildKit's calls on sessions. Both
/// serve every build of a run.
/// </summary>
internal sealed class BuildKitConnection : IAsyncDisposable
{
    public const string Control = "/moby.buildkit.v1.Control/";

    private readonly IDialer _dialer;
    private volatile bool _upgrade;

    private BuildKitConnection(IDialer dialer, GrpcEntry entry, GrpcServer sessionServer)
    {
        _dialer = dialer;
        _upgrade = entry == GrpcEntry.EngineUpgrade;
        SessionServer = sessionServer;
        Channel = new GrpcChannel(DialAsync);
    }

    public GrpcChannel Channel { get; }

    public GrpcServer SessionServer { get; }

    public static async Task<BuildKitConnection> OpenAsync(IDialer dialer, GrpcEntry entry, CancellationToken cancellationToken) =>
        new(dialer, entry, await GrpcServer.StartAsync(cancellationToken).ConfigureAwait(false));

    public Task<ListWorkersResponse> ListWorkersAsync(CancellationToken cancellationToken) =>
        Channel.UnaryAsync(Control + "ListWorkers", new ListWorkersRequest(), ListWorkersResponse.Parser, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await SessionServer.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// <c>POST /grpc</c> is there from Docker 18.09 on; API 1.53 (29.2) calls it deprecated and takes gRPC straight on the socket,
    /// which is why an engine that refuses the upgrade is spoken to directly. A refused connection is no reason to.
    /// </summary>
    private async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        Stream connection = await _dialer.DialAsync(cancellationToken).ConfigureAwait(false);
        if (!_upgrade)
            return connection;
        try
        {
            return await HttpUpgrade.PostAsync(connection, "/grpc", "h2c", default, cancellationToken).ConfigureAwait(false);
        }
        catch (UpgradeRefusedException)
        {
            _upgrade = false;
            return await _dialer.DialAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
