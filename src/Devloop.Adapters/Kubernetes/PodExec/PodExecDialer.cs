using System.Net;
using System.Net.WebSockets;
using Devloop.Adapters.Transport;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PodExec;

/// <summary>
/// Reaches a buildkitd that runs in a pod, through the API server: <c>buildctl dial-stdio</c> in its container joins a stream to it. The
/// pod needs no port of its own, and the user no right but that to exec.
/// </summary>
public sealed class PodExecDialer(ClusterAccess access, BuilderAddress.KubePod address, TimeProvider time) : IDialer, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ApiClient _client = new(access, time);

    public ServerKind Server => ServerKind.BuildKit;

    public string Place => address.ToString();

    public async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TryDialAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StaleCredentialsException)
        {
            return await TryDialAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<Stream> TryDialAsync(CancellationToken cancellationToken)
    {
        string space = address.Namespace ?? access.Namespace;
        string path = $"/api/v1/namespaces/{Uri.EscapeDataString(space)}/pods/{Uri.EscapeDataString(address.Pod)}/exec?command=buildctl&command=dial-stdio&stdin=true&stdout=true&stderr=true"
            + (address.Container is null ? "" : "&container=" + Uri.EscapeDataString(address.Container));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var socket = new ClientWebSocket();
        try
        {
            await _client.ConnectAsync(socket, path, PodExecStream.Protocols, patience.Token).ConfigureAwait(false);
            var stream = new PodExecStream(socket);
            return new FirstAnswerStream(stream, _ => ValueTask.FromResult<Exception?>(Ended(stream)));
        }
        catch (Exception e)
        {
            HttpStatusCode status = socket.HttpStatusCode;
            socket.Dispose();
            throw e switch
            {
                CredentialException credentials => this.Unreachable(credentials.Why.Message, credentials.Why.Help, e),
                WebSocketException when status == HttpStatusCode.Unauthorized && _client.RenewCredentials() => new StaleCredentialsException(),
                WebSocketException => Refused(status, space, e),
                OperationCanceledException when !cancellationToken.IsCancellationRequested => this.Unreachable("the API server gave no answer in time", inner: e),
                _ => e,
            };
        }
    }

    private EngineUnreachableException Refused(HttpStatusCode status, string space, Exception inner) => status switch
    {
        0 => this.Unreachable(_client.Unreachable(inner).Message, $"`kubectl --context {access.Context} get pods -n {space}` looks at the same API server", inner),
        HttpStatusCode.NotFound => this.Unreachable("there is no such pod", $"`kubectl --context {access.Context} get pods -n {space}` lists the pods of the namespace", inner),
        HttpStatusCode.Unauthorized => this.Unreachable("the API server refused the credentials", $"`kubectl --context {access.Context} auth can-i create pods/exec -n {space}` uses the same", inner),
        HttpStatusCode.Forbidden => this.Unreachable("you may not exec into the pod", $"`get` and `create` of `pods/exec` in namespace `{space}` allow it", inner),
        HttpStatusCode.BadRequest => this.Unreachable("the pod has no such container", "`container=NAME` in the address chooses one of the pod's containers", inner),
        _ => this.Unreachable("the pod does not run", $"`kubectl --context {access.Context} describe pod -n {space} {address.Pod}` says why", inner),
    };

    private EngineUnreachableException Ended(PodExecStream stream)
    {
        string said = stream.LastError is { Length: > 0 } error ? error : stream.Failure;
        return said.Contains("executable file not found", StringComparison.Ordinal)
            ? this.Unreachable("the container has no `buildctl`", "images of BuildKit have it; `container=NAME` in the address chooses another container of the pod")
            : this.Unreachable("`buildctl dial-stdio` in the pod ended" + (said.Length == 0 ? "" : $": {said}"), "buildkitd may not run in that container; the pod's log says more");
    }

    /// <summary>The credentials were refused, and there are newer ones.</summary>
    private sealed class StaleCredentialsException : Exception;
}
