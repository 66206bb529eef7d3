using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// Speaks HTTP with an API server: credentials, repeated tries, and refusals as <see cref="ClusterException"/>. Every call made
/// here may be made twice with the same effect, which is what allows to try again. It never slows itself down: the server's own
/// priority and fairness does that with status 429.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    private const int LongestTries = 6;
    private const int DroppedTries = 3;
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HeaderPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    private readonly ClusterAccess _access;
    private readonly TimeProvider _time;
    private readonly CredentialSource _credentials;
    private readonly ApiTransport _transport;
    private readonly string _prefix;

    public ApiClient(ClusterAccess access, TimeProvider time)
    {
        _access = access;
        _time = time;
        _credentials = new CredentialSource(access, time);
        _transport = new ApiTransport(access, _credentials);
        // Some servers stand behind a path, such as https://host/k8s/clusters/c-1.
        _prefix = access.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
    }

    public ClusterAccess Access => _access;

    public TimeProvider Time => _time;

    /// <summary>Opens a WebSocket. When that fails, the socket keeps the status that the server answered with.</summary>
    /// <param name="path">From <c>/</c>, with its query.</param>
    /// <param name="protocols">What is offered, the best first; the socket knows which the server took.</param>
    /// <exception cref="CredentialException">No credentials could be had.</exception>
    /// <exception cref="WebSocketException">The server refused or gave no answer.</exception>
    public async Task ConnectAsync(ClientWebSocket socket, string path, IEnumerable<string> protocols, CancellationToken cancellationToken)
    {
        foreach (string protocol in protocols)
            socket.Options.AddSubProtocol(protocol);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(30);
        foreach (IGrouping<string, string> header in (await IdentityAsync(cancellationToken).ConfigureAwait(false)).GroupBy(h => h.Key, h => h.Value))
            socket.Options.SetRequestHeader(header.Key, string.Join(", ", header));
        await socket.ConnectAsync(new Uri("ws" + (_prefix + path)["http".Length..]), _transport.Streams, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A JSON call.</summary>
    /// <param name="path">From <c>/</c>, with its query.</param>
    /// <param name="body">JSON with its content type, or null.</param>
    /// <exception cref="ClusterException">The server refused or gave no answer.</exception>
    public async Task<JsonObject> CallAsync(HttpMethod method, string path, ApiBody? body, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(CallPatience);
        try
        {
            using HttpResponseMessage response = await SendAsync(() => _transport.Calls, method, path, body, patience.Token).ConfigureAwait(false);
            Stream content = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            JsonNode? node = await JsonNode.ParseAsync(content, cancellationToken: patience.Token).ConfigureAwait(false);
            return node as JsonObject ?? throw new ClusterException((int)response.StatusCode, "", "the server's answer is not a JSON object");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(0, "Timeout", $"no answer within {CallPatience.TotalSeconds} s", inner: e);
        }
        catch (JsonException e)
        {
            throw new ClusterException(0, "", "the server's answer is not JSON", inner: e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Unreachable(e);
        }
    }

    /// <summary>A body that goes on; whoever asked disposes it.</summary>
    /// <exception cref="ClusterException">The server refused or gave no answer.</exception>
    public async Task<HttpResponseMessage> StreamAsync(string path, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HeaderPatience);
        try
        {
            return await SendAsync(() => _transport.Streams, HttpMethod.Get, path, null, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(0, "Timeout", $"no answer within {HeaderPatience.TotalSeconds} s", inner: e);
        }
    }

    /// <summary>A failure of a connection as what it means.</summary>
    public ClusterException Unreachable(Exception failure) =>
        new(0, "", ConnectionFailure.Describe(failure, _access.Server, _transport.LastTlsProblem), inner: failure);

    /// <summary>Headers that say who asks.</summary>
    /// <exception cref="CredentialException">No credentials could be had.</exception>
    private async ValueTask<IReadOnlyList<KeyValuePair<string, string>>> IdentityAsync(CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (await _credentials.HeaderAsync(cancellationToken).ConfigureAwait(false) is { } authorization)
            headers.Add(KeyValuePair.Create("Authorization", authorization.ToString()));
        if (_access.Impersonation is { } other)
        {
            headers.Add(KeyValuePair.Create("Impersonate-User", other.User));
            headers.AddRange(other.Groups.Select(g => KeyValuePair.Create("Impersonate-Group", g)));
        }
        // The name in the Host header is the name that TLS asks for and checks.
        if (_access.TlsServerName is { } name)
            headers.Add(KeyValuePair.Create("Host", name));
        return headers;
    }

    /// <summary>After a refusal for want of valid credentials: true when new ones will be fetched, so that another try makes sense.</summary>
    public bool RenewCredentials()
    {
        if (_credentials.IsRenewable)
            _credentials.Expire();
        return _credentials.IsRenewable;
    }

    public void Dispose()
    {
        _transport.Dispose();
        _credentials.Dispose();
    }

    /// <param name="connections">Asked at each try, since new credentials may take other connections.</param>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpMessageInvoker> connections, HttpMethod method, string path, ApiBody? body, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        bool renewed = false;
        for (int attempt = 1; ; attempt++)
        {
            HttpResponseMessage response;
            try
            {
                using HttpRequestMessage request = await RequestAsync(method, path, body, cancellationToken).ConfigureAwait(false);
                response = await connections().SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (CredentialException e)
            {
                throw new ClusterException(0, "Credentials", e.Why.Message, inner: e);
            }
            catch (HttpRequestException e) when (attempt < DroppedTries && ConnectionFailure.IsDropped(e))
            {
                await Task.Delay(backoff.Next(), _time, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (HttpRequestException e)
            {
                throw Unreachable(e);
            }
            catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !cancellationToken.IsCancellationRequested)
            {
                // The handler's own patience for a connection.
                throw Unreachable(e);
            }

            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                TimeSpan? wait = response.StatusCode switch
                {
                    HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable when attempt < LongestTries => WaitFor(response, backoff),
                    // A leader that changes and a proxy that restarts are over in a moment; a webhook that fails is not, and has to be told soon.
                    >= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented when attempt < DroppedTries => WaitFor(response, backoff),
                    HttpStatusCode.Unauthorized when !renewed && RenewCredentials() => TimeSpan.Zero,
                    _ => null,
                };
                renewed |= response.StatusCode == HttpStatusCode.Unauthorized;
                if (wait is null)
                    throw ApiStatus.Read((int)response.StatusCode, await BodyAsync(response, cancellationToken).ConfigureAwait(false));
                await Task.Delay(wait.Value, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan WaitFor(HttpResponseMessage response, Backoff backoff)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        TimeSpan asked = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : TimeSpan.Zero);
        TimeSpan bounded = TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestRetryAfter.Ticks));
        return bounded + backoff.Next();
    }

    private async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Unreachable(e);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, ApiBody? body, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, _prefix + path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        foreach ((string name, string value) in await IdentityAsync(cancellationToken).ConfigureAwait(false))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "devloop");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.Json));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(body.ContentType);
        }
        return request;
    }
}

/// <param name="ContentType">Such as <c>application/apply-patch+yaml</c>; JSON is YAML.</param>
internal sealed record ApiBody(string ContentType, string Json);
