using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>
/// A gRPC server on Kestrel that listens on nothing: connections are streams handed to
/// <see cref="ServeAsync"/>. One instance serves every session of the process; which methods a
/// connection offers is a connection feature.
/// </summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    private readonly Channel<ConnectionContext> _incoming = Channel.CreateUnbounded<ConnectionContext>();
    private readonly KestrelServer _kestrel;

    private GrpcServer()
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            AllowSynchronousIO = false,
        };
        KestrelServerLimits limits = options.Limits;
        // Kestrel's defaults guard a public web server; each of these can break a build:
        limits.MaxRequestBodySize = null;            // 30 MB
        limits.MinRequestBodyDataRate = null;        // 240 B/s
        limits.MinResponseDataRate = null;           // 240 B/s
        limits.MaxRequestHeaderCount = 100_000;      // 100: one header per .dockerignore line
        limits.MaxRequestHeadersTotalSize = 4 << 20; // 32 KiB
        limits.MaxRequestBufferSize = 8 << 20;       // 1 MiB; must not be below the one above
        limits.KeepAliveTimeout = TimeSpan.FromDays(1);
        limits.MaxResponseBufferSize = 1 << 20;
        limits.Http2.MaxRequestHeaderFieldSize = 1 << 20;
        limits.Http2.MaxStreamsPerConnection = 1000;
        limits.Http2.InitialConnectionWindowSize = 4 << 20;
        limits.Http2.InitialStreamWindowSize = 2 << 20;
        options.Listen(new HandedInEndPoint(), listen => listen.Protocols = HttpProtocols.Http2);
        _kestrel = new KestrelServer(Options.Create(options), new HandedInListenerFactory(_incoming.Reader), NullLoggerFactory.Instance);
    }

    public static async Task<GrpcServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new GrpcServer();
        await server._kestrel.StartAsync(new Application(), cancellationToken).ConfigureAwait(false);
        return server;
    }

    /// <summary>Serves one connection; completes when that connection ended.</summary>
    public async Task ServeAsync(Stream stream, GrpcServices services, CancellationToken cancellationToken)
    {
        var connection = new StreamConnection(stream);
        connection.Features.Set(services);
        await _incoming.Writer.WriteAsync(connection, cancellationToken).ConfigureAwait(false);
        await using (cancellationToken.Register(() => connection.Abort(new ConnectionAbortedException())))
            await connection.Ended.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _incoming.Writer.TryComplete();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _kestrel.StopAsync(soon.Token).ConfigureAwait(false);
        _kestrel.Dispose();
    }

    private sealed class Application : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection features) => new DefaultHttpContext(features);

        public void DisposeContext(HttpContext context, Exception? exception) { }

        public async Task ProcessRequestAsync(HttpContext context)
        {
            context.Response.ContentType = "application/grpc";
            // Kestrel's request features fall back to those of the connection.
            GrpcServices services = context.Features.Get<GrpcServices>()!;
            var code = GrpcCode.Ok;
            string? text = null;
            try
            {
                if (services.Methods.TryGetValue(context.Request.Path.Value ?? "", out GrpcServices.Handler? handler))
                    await handler(context).ConfigureAwait(false);
                else
                    (code, text) = (GrpcCode.Unimplemented, $"unknown method {context.Request.Path.Value}");
            }
            catch (GrpcException e)
            {
                (code, text) = (e.Code, e.Message);
            }
            catch (OperationCanceledException)
            {
                (code, text) = (GrpcCode.Cancelled, "cancelled");
            }
            catch (Exception e)
            {
                (code, text) = (GrpcCode.Unknown, e.Message);
            }

            IHeaderDictionary trailers = context.Features.Get<IHttpResponseTrailersFeature>()!.Trailers;
            trailers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
            if (text is not null)
                trailers["grpc-message"] = PercentEncode(text);
        }

        private static string PercentEncode(string text)
        {
            var encoded = new StringBuilder();
            foreach (byte b in Encoding.UTF8.GetBytes(text))
            {
                if (b is >= 0x20 and <= 0x7E and not (byte)'%')
                    encoded.Append((char)b);
                else
                    encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
            return encoded.ToString();
        }
    }
}
