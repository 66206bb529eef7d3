using System.Security.Cryptography;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.ClientConfig;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>
/// One session: a connection in which BuildKit is the gRPC client and this side serves files and credentials. Each build has
/// its own: BuildKit takes the session's id into a local source's cache key, so a second build on it may see the old files.
/// </summary>
internal sealed class BuildSession : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Stream _stream;
    private readonly Task _serving;

    private BuildSession(string id, Stream stream, GrpcServer server, GrpcServices services)
    {
        Id = id;
        _stream = stream;
        _serving = server.ServeAsync(stream, services, _stop.Token);
    }

    public string Id { get; }

    /// <summary>Ends when the connection is gone; while a solve runs that means a lost server.</summary>
    public Task Ended => _serving;

    /// <param name="services">What the build serves of its own; health and credentials come on top.</param>
    /// <param name="sharedKey">Names this client's copy of the sources on the server. Same key: only changes travel.</param>
    public static async Task<BuildSession> StartAsync(BuildKitConnection connection, GrpcServices services, RegistryCredentials credentials, string sharedKey, CancellationToken cancellationToken)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        // SocketsHttpHandler joins repeated headers, so one method only may be declared here. BuildKit looks only file methods up
        // in this list; it just calls the others and takes Unimplemented for an answer.
        KeyValuePair<string, string>[] headers =
        [
            new("x-docker-expose-session-uuid", id),
            new("x-docker-expose-session-name", "devloop"),
            new("x-docker-expose-session-sharedkey", sharedKey),
            new("x-docker-expose-session-grpc-method", FileSyncService.Method),
        ];
        services.AddUnary("/grpc.health.v1.Health/Check", HealthCheckRequest.Parser,
            (_, _) => ValueTask.FromResult(new HealthCheckResponse { Status = 1 }));
        // The methods that hand out tokens stay unimplemented: the server then fetches tokens itself with these credentials.
        services.AddUnary("/moby.filesync.v1.Auth/Credentials", CredentialsRequest.Parser, async (request, token) =>
            await credentials.FindAsync(request.Host, token).ConfigureAwait(false) is { } login
                ? new CredentialsResponse { Username = login.User, Secret = login.Secret }
                : new CredentialsResponse());

        GrpcByteStream stream = connection.Channel.OpenByteStream(BuildKitConnection.Control + "Session", headers, CancellationToken.None);
        try
        {
            await stream.OpenedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        return new BuildSession(id, stream, connection.SessionServer, services);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await _serving.WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // The stream is closed either way.
        }
        _stop.Dispose();
    }
}
