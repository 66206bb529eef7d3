using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Devloop.Adapters.ClientConfig;

namespace Devloop.Adapters.Registry;

/// <summary>What a registry answered: small enough to be held whole.</summary>
/// <param name="MediaType">Without parameters.</param>
internal sealed record RegistryReply(HttpStatusCode Status, string? MediaType, byte[] Body)
{
    public List<AuthChallenge> Challenges { get; init; } = [];

    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>One registry: where it is and how it is spoken to, its connections and its tokens. Tries again what may pass.</summary>
internal sealed class RegistryEndpoint : IDisposable
{
    private const int MostRetries = 3;

    /// <summary>Manifests and configs are a few kilobytes; registries refuse manifests over 4 MiB.</summary>
    private const int MostBytes = 8 << 20;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly string _domain;
    private readonly string _host;
    private readonly bool _mayBeInsecure;
    private readonly TimeProvider _clock;
    private readonly ServerTrust _trust;
    private readonly HttpMessageInvoker _http;
    private readonly RegistryAuthorization _authorization;
    private readonly SemaphoreSlim _locating = new(1, 1);
    private Uri? _address;

    public RegistryEndpoint(string domain, RegistryCredentials credentials, RegistryOptions options, TimeProvider clock)
    {
        _domain = domain;
        // Docker Hub's registry lives elsewhere than its name says.
        _host = domain == "docker.io" ? "registry-1.docker.io" : domain;
        bool isLoopback = RegistryOptions.IsLoopback(_host);
        _mayBeInsecure = isLoopback || options.InsecureHosts.Contains(domain);
        _clock = clock;
        _trust = new ServerTrust(options.CertificatesDirectory, _host);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = !isLoopback,
            UseCookies = false,
            ConnectTimeout = ConnectPatience,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            SslOptions = _trust.Options,
        });
        _authorization = new RegistryAuthorization(domain, credentials, _mayBeInsecure, OnceAsync, clock);
    }

    public void Dispose()
    {
        _http.Dispose();
        _locating.Dispose();
    }

    /// <summary>Sends a request, with a login when the registry wants one. Any status is an answer; no answer throws <see cref="Ports.RegistryException"/>.</summary>
    /// <param name="request">Made anew for each try; its address is a path.</param>
    /// <param name="scope">What a token is to allow, such as <c>repository:a/b:pull</c>.</param>
    public async Task<RegistryReply> SendAsync(Func<HttpRequestMessage> request, string scope, CancellationToken cancellationToken)
    {
        try
        {
            for (int tries = 0; ; tries++)
            {
                TimeSpan wait = Jittered(FirstWait * Math.Pow(2, tries));
                try
                {
                    Uri address = _address ?? await LocateAsync(cancellationToken).ConfigureAwait(false);
                    RegistryReply reply = await AuthorizedAsync(address, request, scope, cancellationToken).ConfigureAwait(false);
                    if (tries == MostRetries || !(reply.Status == HttpStatusCode.TooManyRequests || (int)reply.Status >= 500))
                        return reply;
                    wait = reply.RetryAfter is { } asked && asked > wait ? asked : wait;
                }
                catch (Exception e) when (tries < MostRetries && IsDropped(e))
                {
                    // The registry was restarted, or closed a connection that had stood idle; a request of ours does no harm twice.
                }
                await Task.Delay(wait < LongestWait ? wait : LongestWait, _clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryTrouble.Unreachable(_domain, e, _trust.Problem, _mayBeInsecure);
        }
    }

    private async Task<RegistryReply> AuthorizedAsync(Uri address, Func<HttpRequestMessage> request, string scope, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? header = _authorization.HeaderFor(scope);
        RegistryReply reply = await OnceAsync(Addressed(address, request(), header), cancellationToken).ConfigureAwait(false);
        return reply.Status == HttpStatusCode.Unauthorized && await _authorization.AnswerAsync(reply.Challenges, scope, cancellationToken).ConfigureAwait(false) is { } answer
            ? await OnceAsync(Addressed(address, request(), answer), cancellationToken).ConfigureAwait(false)
            : reply;
    }

    private static HttpRequestMessage Addressed(Uri address, HttpRequestMessage request, AuthenticationHeaderValue? header)
    {
        request.RequestUri = new Uri(address, request.RequestUri!);
        request.Headers.Authorization = header;
        return request;
    }

    /// <summary>HTTPS, always; a registry that may be insecure and does not speak TLS is spoken to in the clear.</summary>
    private async Task<Uri> LocateAsync(CancellationToken cancellationToken)
    {
        var secure = new Uri($"https://{_host}/");
        if (!_mayBeInsecure)
            return _address = secure;
        await _locating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _address ??= await SpeaksTlsAsync(secure, cancellationToken).ConfigureAwait(false) ? secure : new Uri($"http://{_host}/");
        }
        finally
        {
            _locating.Release();
        }
    }

    private async Task<bool> SpeaksTlsAsync(Uri secure, CancellationToken cancellationToken)
    {
        try
        {
            await OnceAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(secure, "/v2/")), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // A certificate that is not trusted is TLS all the same: nothing is sent in the clear to who has one.
            return _trust.Problem != System.Net.Security.SslPolicyErrors.None;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } && !_host.Contains(':'))
        {
            return false;
        }
    }

    private async Task<RegistryReply> OnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        using (var patience = new CancellationTokenSource(AnswerPatience, _clock))
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token))
        {
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("devloop", null));
            try
            {
                using HttpResponseMessage response = await _http.SendAsync(request, stop.Token).ConfigureAwait(false);
                return new RegistryReply(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await BodyAsync(response, stop.Token).ConfigureAwait(false))
                {
                    Challenges = [.. response.Headers.WwwAuthenticate.Select(AuthChallenge.Of)],
                    RetryAfter = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _clock.GetUtcNow() : null,
                };
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException();
            }
        }
    }

    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (bytes.Length + read > MostBytes)
                throw new IOException("the answer is longer than any manifest");
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }

    /// <summary>The connection stood and broke; one that never stood is not tried again, for somebody waits.</summary>
    private static bool IsDropped(Exception failure) => failure is IOException
        || failure is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError }
        || failure is HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException };

    private static TimeSpan Jittered(TimeSpan wait) => wait * (0.5 + Random.Shared.NextDouble());
}
