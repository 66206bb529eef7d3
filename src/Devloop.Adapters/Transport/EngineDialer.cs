using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Devloop.Ports;

namespace Devloop.Adapters.Transport;

/// <summary>Opens connections to a Docker Engine as plain byte streams.</summary>
public sealed class EngineDialer(EngineAddress address)
{
    private const string StartHelp = "the engine is started with `systemctl start docker`, or by opening Docker Desktop; `DOCKER_HOST` names another one";

    public EngineAddress Address { get; } = address;

    /// <summary>A new connection. Throws <see cref="EngineUnreachableException"/>.</summary>
    public async ValueTask<Stream> DialAsync(CancellationToken cancellationToken) => Address switch
    {
        EngineAddress.Unix unix => await UnixAsync(unix, cancellationToken).ConfigureAwait(false),
        EngineAddress.Tcp tcp => await TcpAsync(tcp, cancellationToken).ConfigureAwait(false),
        EngineAddress.Pipe pipe => await PipeAsync(pipe, cancellationToken).ConfigureAwait(false),
        EngineAddress.Unsupported unsupported => throw EngineUnreachable.Because(unsupported, unsupported.Why, unsupported.Help),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async ValueTask<Stream> UnixAsync(EngineAddress.Unix unix, CancellationToken cancellationToken)
    {
        // Said by us, for .NET calls a missing socket file "Cannot assign requested address".
        if (!File.Exists(unix.Path))
            throw Unreachable("the socket does not exist");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return await ConnectAsync(socket, () => new UnixDomainSocketEndPoint(unix.Path), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Stream> TcpAsync(EngineAddress.Tcp tcp, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return await ConnectAsync(socket, () => new DnsEndPoint(tcp.Host, tcp.Port), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Stream> ConnectAsync(Socket socket, Func<EndPoint> endPoint, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(endPoint(), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e switch
            {
                SocketException { SocketErrorCode: SocketError.AccessDenied } => EngineUnreachable.Because(Address, "permission denied",
                    "the group `docker` may use the socket: `sudo usermod -aG docker $USER`, then a new login", e),
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => Unreachable("nothing listens there", e),
                SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => Unreachable("the host name is not known", e),
                SocketException { SocketErrorCode: SocketError.TimedOut } => Unreachable("no answer in time", e),
                SocketException => Unreachable("the connection failed", e),
                ArgumentException => Unreachable("the path is too long for a socket", e), // sun_path has 108 bytes, unix(7)
                _ => e,
            };
        }
    }

    private async ValueTask<Stream> PipeAsync(EngineAddress.Pipe pipe, CancellationToken cancellationToken)
    {
        var stream = new NamedPipeClientStream(".", pipe.Name, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            await stream.ConnectAsync(TimeSpan.FromSeconds(5), cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw e switch
            {
                TimeoutException => Unreachable("the pipe does not exist", e),
                UnauthorizedAccessException => Unreachable("permission denied", e),
                IOException => Unreachable("the connection failed", e),
                _ => e,
            };
        }
    }

    private EngineUnreachableException Unreachable(string why, Exception? inner = null) => EngineUnreachable.Because(Address, why, StartHelp, inner);
}
