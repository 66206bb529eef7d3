using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;

namespace Devloop.Adapters.Transport;

/// <summary>Opens connections to a Docker Engine, or to another server at such an address.</summary>
public sealed class EngineDialer(EngineAddress address, ServerKind? server = null) : IDialer
{
    public EngineAddress Address { get; } = address;

    public ServerKind Server { get; } = server ?? ServerKind.Engine;

    public string Place => Address.ToString();

    public async ValueTask<Stream> DialAsync(CancellationToken cancellationToken) => Address switch
    {
        EngineAddress.Unix unix => await UnixAsync(unix, cancellationToken).ConfigureAwait(false),
        EngineAddress.Tcp tcp => await TcpAsync(tcp, cancellationToken).ConfigureAwait(false),
        EngineAddress.Ssh ssh => SshConnection.Open(this, ssh),
        EngineAddress.Pipe pipe => await PipeAsync(pipe, cancellationToken).ConfigureAwait(false),
        EngineAddress.Unsupported unsupported => throw this.Unreachable(unsupported.Why, unsupported.Help),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async ValueTask<Stream> UnixAsync(EngineAddress.Unix unix, CancellationToken cancellationToken)
    {
        // Said by us, for .NET calls a missing socket file "Cannot assign requested address".
        if (!File.Exists(unix.Path))
            throw this.Unreachable("the socket does not exist");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return await ConnectAsync(socket, () => new UnixDomainSocketEndPoint(unix.Path), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Stream> TcpAsync(EngineAddress.Tcp tcp, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream connection = await ConnectAsync(socket, () => new DnsEndPoint(tcp.Host, tcp.Port), cancellationToken).ConfigureAwait(false);
        return tcp.Tls is { } tls ? await new TlsConnection(this, tcp.Host, tls).AuthenticateAsync(connection, cancellationToken).ConfigureAwait(false) : connection;
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
                SocketException { SocketErrorCode: SocketError.AccessDenied } => this.Unreachable("permission denied",
                    Server == ServerKind.Engine ? "the group `docker` may use the socket: `sudo usermod -aG docker $USER`, then a new login" : "the socket's group may use it", e),
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => this.Unreachable("nothing listens there", inner: e),
                SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => this.Unreachable("the host name is not known", inner: e),
                SocketException { SocketErrorCode: SocketError.TimedOut } => this.Unreachable("no answer in time", inner: e),
                SocketException => this.Unreachable("the connection failed", inner: e),
                ArgumentException => this.Unreachable("the path is too long for a socket", inner: e), // sun_path has 108 bytes, unix(7)
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
                TimeoutException => this.Unreachable("the pipe does not exist", inner: e),
                UnauthorizedAccessException => this.Unreachable("permission denied", inner: e),
                IOException => this.Unreachable("the connection failed", inner: e),
                _ => e,
            };
        }
    }
}
