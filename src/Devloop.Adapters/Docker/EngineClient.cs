using System.Net;
using System.Net.Http.Headers;
using Devloop.Adapters.Transport;
using Devloop.Ports;

namespace Devloop.Adapters.Docker;

/// <summary>
/// The Docker Engine's REST API over a dialled stream. The version is negotiated once: the engine's own, but no newer than the
/// one devloop was written for.
/// </summary>
internal sealed class EngineClient : IDisposable
{
    /// <summary>The newest API whose answers devloop knows; engines from 29.0 on ask for 1.44 at least.</summary>
    private static readonly Version Newest = new(1, 44);

    private readonly IDialer _dialer;
    private readonly HttpMessageInvoker _http;
    private Version? _version;

    public EngineClient(IDialer dialer)
    {
        _dialer = dialer;
        // The invoker and not HttpClient: a push may take longer than any fixed timeout.
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) => await dialer.DialAsync(token).ConfigureAwait(false),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
        });
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Sends a request; the caller disposes the answer, whose body is not read yet. Throws <see cref="EngineUnreachableException"/>
    /// (perhaps wrapped), <see cref="HttpRequestException"/> or <see cref="IOException"/>.
    /// </summary>
    /// <param name="path">Begins with <c>/</c>, without the version.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        string whole = await VersionedAsync(path, cancellationToken).ConfigureAwait(false);
        return await SendRawAsync(method, whole, headers, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Posts JSON; the rest is as for any request.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, byte[] json, CancellationToken cancellationToken)
    {
        string whole = await VersionedAsync(path, cancellationToken).ConfigureAwait(false);
        var content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await SendRawAsync(HttpMethod.Post, whole, [], content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts an archive; the rest is as for any request.</summary>
    public async Task<HttpResponseMessage> PutArchiveAsync(string path, byte[] archive, CancellationToken cancellationToken)
    {
        string whole = await VersionedAsync(path, cancellationToken).ConfigureAwait(false);
        var content = new ByteArrayContent(archive) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        return await SendRawAsync(HttpMethod.Put, whole, [], content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Posts JSON on a connection of its own, which is a plain byte stream from then on. Throws what a request throws, and
    /// <see cref="UpgradeRefusedException"/>.
    /// </summary>
    public async Task<Stream> UpgradeAsync(string path, byte[] json, CancellationToken cancellationToken)
    {
        string whole = await VersionedAsync(path, cancellationToken).ConfigureAwait(false);
        return await HttpUpgrade.PostAsync(await _dialer.DialAsync(cancellationToken).ConfigureAwait(false), whole, "tcp", json, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> VersionedAsync(string path, CancellationToken cancellationToken) =>
        $"/v{_version ??= await NegotiateAsync(cancellationToken).ConfigureAwait(false)}{path}";

    private async Task<Version> NegotiateAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendRawAsync(HttpMethod.Get, "/_ping", [], null, cancellationToken).ConfigureAwait(false);
        string? told = response.Headers.TryGetValues("Api-Version", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        return Version.TryParse(told, out Version? engine) && engine < Newest ? engine : Newest;
    }

    private async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string path, (string Name, string Value)[] headers, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, "http://docker" + path) { Content = content };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("devloop", null));
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
