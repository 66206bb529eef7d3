using System.Buffers;
using System.Collections.Immutable;
using System.Net.Sockets;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>Carries the connections of one build's steps to SSH agents on this machine. Keys never leave the agent.</summary>
internal sealed class SshService
{
    private const int BufferSize = 32 * 1024;

    /// <summary>The header by which BuildKit says which agent a connection is for; the same as in its sshforward package.</summary>
    private const string IdHeader = "buildkit.ssh.id";
    private const string DefaultId = "default";

    private readonly ImmutableDictionary<string, string> _sockets;

    private SshService(ImmutableDictionary<string, string> sockets) => _sockets = sockets;

    /// <summary>An agent that cannot be there is told before the build begins.</summary>
    public static Parsed<SshService> Of(BuildOrder order)
    {
        var sockets = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (SshAgent agent in order.Ssh)
        {
            string? socket = agent.Socket ?? Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
            if (string.IsNullOrEmpty(socket))
                problems.Add(Missing(order, agent, "has no socket: `SSH_AUTH_SOCK` is not set"));
            else if (!Answers(socket))
                problems.Add(Missing(order, agent, $"does not answer at `{socket}`"));
            else
                sockets[agent.Id] = socket;
        }
        return problems.Count > 0 ? new(null, problems.ToImmutable()) : new(new SshService(sockets.ToImmutable()), []);
    }

    public void AddTo(GrpcServices services)
    {
        services.AddUnary("/moby.sshforward.v1.SSH/CheckAgent", CheckAgentRequest.Parser, (request, _) =>
        {
            SocketOf(request.Id);
            return ValueTask.FromResult(new CheckAgentResponse());
        });
        services.Methods["/moby.sshforward.v1.SSH/ForwardAgent"] = ForwardAsync;
    }

    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return false; // nothing there, something else there, or a path that is too long for a socket
        }
    }

    private static Diagnostic Missing(BuildOrder order, SshAgent agent, string problem) =>
        Diagnostic.Error(DiagnosticCode.SecretMissing, $"the SSH agent `{agent.Id}` of image `{order.Image}` {problem}") with
        {
            At = agent.At,
            Help = "`eval \"$(ssh-agent)\" && ssh-add` starts an agent with your key; a key's file is no agent",
        };

    private string SocketOf(string id) => _sockets.TryGetValue(id.Length == 0 ? DefaultId : id, out string? socket)
        ? socket
        : throw new GrpcException(GrpcCode.InvalidArgument, $"unset ssh forward key {id}");

    private async Task ForwardAsync(HttpContext context)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketOf(context.Request.Headers[IdHeader].FirstOrDefault() ?? "")), context.RequestAborted).ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task toAgent = ToAgentAsync(context, socket, over.Token);
        try
        {
            await FromAgentAsync(context, socket, over.Token).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await toAgent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ToAgentAsync(HttpContext context, Socket socket, CancellationToken cancellationToken)
    {
        while (await GrpcFrame.ReadAsync(context.Request.BodyReader, BytesMessage.Parser, cancellationToken).ConfigureAwait(false) is { } message)
        {
            for (ReadOnlyMemory<byte> rest = message.Data.Memory; rest.Length > 0;)
                rest = rest[await socket.SendAsync(rest, cancellationToken).ConfigureAwait(false)..];
        }
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task FromAgentAsync(HttpContext context, Socket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                GrpcFrame.Write(context.Response.BodyWriter, new BytesMessage { Data = ByteString.CopyFrom(buffer, 0, count) });
                await context.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
