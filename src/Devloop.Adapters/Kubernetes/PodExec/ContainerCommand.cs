using System.Net;
using System.Net.WebSockets;
using System.Text;
using Devloop.Adapters.Transport;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PodExec;

/// <summary>Runs a command in a container through the API server, to its end.</summary>
internal static class ContainerCommand
{
    private const int LongestWords = 1024;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(15);

    public static async Task<ExecEnd> RunAsync(ApiClient client, ExecOrder order, CancellationToken cancellationToken)
    {
        await using PodExecStream stream = await OpenAsync(client, order, cancellationToken).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task feeding = FeedAsync(stream, order.Input, end.Token);
        try
        {
            var buffer = new byte[32 * 1024];
            string first = "";
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (first.Length == 0)
                    first = Encoding.UTF8.GetString(buffer, 0, Math.Min(count, LongestWords)).Trim();
                order.Output?.Invoke(buffer.AsMemory(0, count), false);
            }
            // Nodes that run Docker say so on the command's own output, others in the status.
            if (stream.ExitCode is 126 or 127 && first.StartsWith("OCI runtime exec failed", StringComparison.Ordinal))
                throw new ClusterException(500, "ExecFailed", first);
            return stream.ExitCode is { } code
                ? new ExecEnd(code)
                : throw new ClusterException(stream.Failure.Length > 0 ? 500 : 0, "ExecFailed", stream.Failure.Length > 0 ? stream.Failure : "the connection broke");
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<PodExecStream> OpenAsync(ApiClient client, ExecOrder order, CancellationToken cancellationToken)
    {
        string path = $"/api/v1/namespaces/{Uri.EscapeDataString(order.Namespace)}/pods/{Uri.EscapeDataString(order.Pod)}/exec?container={Uri.EscapeDataString(order.Container)}"
            + string.Concat(order.Command.Select(c => "&command=" + Uri.EscapeDataString(c)))
            + (order.Input is null ? "" : "&stdin=true") + "&stdout=true&stderr=true";
        for (bool renewed = false; ; renewed = true)
        {
            var socket = new ClientWebSocket();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(ConnectPatience);
            try
            {
                await client.ConnectAsync(socket, path, PodExecStream.Protocols, patience.Token).ConfigureAwait(false);
                return new PodExecStream(socket) { Errors = bytes => order.Output?.Invoke(bytes, true) };
            }
            catch (Exception e)
            {
                HttpStatusCode status = socket.HttpStatusCode;
                socket.Dispose();
                if (e is WebSocketException && status == HttpStatusCode.Unauthorized && !renewed && client.RenewCredentials())
                    continue;
                throw e switch
                {
                    CredentialException credentials => new ClusterException(0, "Credentials", credentials.Why.Message, inner: e),
                    WebSocketException when status == 0 => client.Unreachable(e),
                    WebSocketException => new ClusterException((int)status, status.ToString(), Words(status, order), inner: e),
                    OperationCanceledException when !cancellationToken.IsCancellationRequested => new ClusterException(0, "Timeout", "the API server gave no answer in time", inner: e),
                    _ => e,
                };
            }
        }
    }

    /// <summary>A server's refusal of a WebSocket has a status and no words that a client can read.</summary>
    private static string Words(HttpStatusCode status, ExecOrder order) => status switch
    {
        HttpStatusCode.Forbidden => $"you may not exec into pod `{order.Pod}`",
        HttpStatusCode.NotFound => $"there is no pod `{order.Pod}`",
        HttpStatusCode.BadRequest => $"pod `{order.Pod}` has no container `{order.Container}` that runs",
        _ => $"pod `{order.Pod}` does not run",
    };

    private static async Task FeedAsync(PodExecStream stream, Stream? input, CancellationToken cancellationToken)
    {
        if (input is null)
            return;
        try
        {
            await input.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
            await stream.EndWritingAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A process may end before it has read everything; its end says what that means.
        }
    }
}
