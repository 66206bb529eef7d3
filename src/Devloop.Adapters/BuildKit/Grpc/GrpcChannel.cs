using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>
/// A gRPC client on SocketsHttpHandler: HTTP/2 with prior knowledge over whatever stream the
/// dial function returns (a hijacked Docker connection, a unix or TCP socket, a process's stdio).
/// </summary>
internal sealed class GrpcChannel : IDisposable
{
    private readonly HttpMessageInvoker _http;

    public GrpcChannel(Func<CancellationToken, ValueTask<Stream>> dial)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => await dial(cancellationToken).ConfigureAwait(false),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            MaxResponseHeadersLength = 128, // KiB: error details travel in trailers
            ActivityHeadersPropagator = null,
            InitialHttp2StreamWindowSize = 1 << 20,
        };
        // HttpMessageInvoker and not HttpClient: no 100 s timeout, no response buffering.
        _http = new HttpMessageInvoker(handler);
    }

    public void Dispose() => _http.Dispose();

    public async Task<TResponse> UnaryAsync<TResponse>(string method, IMessage request, MessageParser<TResponse> parser, CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse>
    {
        TResponse? last = null;
        await foreach (TResponse item in ServerStreamAsync(method, request, parser, cancellationToken).ConfigureAwait(false))
            last = item;
        return last ?? throw new GrpcException(GrpcCode.Internal, $"{method} gave no answer");
    }

    /// <summary>
    /// One request message, any number of answers. Throws <see cref="GrpcException"/> when the
    /// call ends with a status other than OK. Cancelling resets the HTTP/2 stream, which cancels
    /// the call's context on the server.
    /// </summary>
    public async IAsyncEnumerable<TResponse> ServerStreamAsync<TResponse>(string method, IMessage request, MessageParser<TResponse> parser,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse>
    {
        using HttpRequestMessage message = NewRequest(method);
        message.Content = new ByteArrayContent(GrpcFrame.ToArray(request));
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using HttpResponseMessage response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
        ThrowIfNotGrpc(response);
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        PipeReader reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16384, leaveOpen: true));
        while (await GrpcFrame.ReadAsync(reader, parser, cancellationToken).ConfigureAwait(false) is { } item)
            yield return item;

        // TrailingHeaders are there only after the body was read to its end.
        if (GrpcException.FromResponse(response) is { } error)
            throw error;
    }

    /// <summary>Opens a bidirectional call whose messages are all <c>{ bytes data = 1; }</c>.</summary>
    public GrpcByteStream OpenByteStream(string method, IEnumerable<KeyValuePair<string, string>> metadata, CancellationToken cancellationToken)
    {
        var content = new DuplexContent();
        HttpRequestMessage message = NewRequest(method);
        foreach ((string key, string value) in metadata)
            message.Headers.TryAddWithoutValidation(key, value);
        message.Content = content;

        // The answer's headers may come only after the server has something to say, so do not
        // wait for them here: SendAsync runs on while the request body is being written.
        Task<HttpResponseMessage> response = _http.SendAsync(message, cancellationToken);
        return new GrpcByteStream(content, response);
    }

    private static HttpRequestMessage NewRequest(string method)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "http://localhost" + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact, // h2c by prior knowledge
        };
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        message.Headers.TryAddWithoutValidation("user-agent", "devloop");
        return message;
    }

    internal static void ThrowIfNotGrpc(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            throw GrpcException.FromResponse(response) ?? new GrpcException(GrpcCode.Unknown, $"HTTP {(int)response.StatusCode}");
    }
}
