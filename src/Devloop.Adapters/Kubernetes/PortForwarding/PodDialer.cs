using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>Opens streams to ports of pods.</summary>
internal sealed class PodDialer(ApiClient client)
{
    /// <summary>The kubelet's binary channels over a WebSocket (k8s.io/kubelet/pkg/cri/streaming/portforward).</summary>
    private const string Protocol = "v4.channel.k8s.io";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Opens a stream. That it opens does not say that anything listens in the pod.</summary>
    /// <exception cref="PodDialException">The API server, the kubelet or the way there said no.</exception>
    public async Task<PodStream> DialAsync(ForwardTarget target, CancellationToken cancellationToken)
    {
        string path = string.Create(CultureInfo.InvariantCulture,
            $"/api/v1/namespaces/{Uri.EscapeDataString(target.Namespace)}/pods/{Uri.EscapeDataString(target.Pod)}/portforward?ports={target.Port}");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var socket = new ClientWebSocket();
        try
        {
            await client.ConnectAsync(socket, path, [Protocol], patience.Token).ConfigureAwait(false);
            return new PodStream(socket);
        }
        catch (Exception e) when (e is WebSocketException or CredentialException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            HttpStatusCode status = socket.HttpStatusCode;
            socket.Dispose();
            bool isRefused = status == HttpStatusCode.Forbidden || (status == HttpStatusCode.Unauthorized && !client.RenewCredentials());
            throw new PodDialException(isFinal: isRefused, status == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"status {(int)status}"), e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A stream to a pod could not be opened.</summary>
/// <param name="isFinal">True when another try cannot help, as when the user may not forward ports.</param>
/// <param name="said">The status of the API server's answer; empty when there was none.</param>
internal sealed class PodDialException(bool isFinal, string said, Exception inner) : Exception("the pod cannot be dialed", inner)
{
    public bool IsFinal { get; } = isFinal;

    public string Said { get; } = said;
}
