using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Devloop.Bench;

/// <summary>Stands before an API server on loopback and writes down what is asked, how long the server took, and how many bytes came back.</summary>
internal sealed class CountingApi : IAsyncDisposable
{
    private static readonly HashSet<string> OfOneConnection = new(StringComparer.OrdinalIgnoreCase) { "Host", "Connection", "Transfer-Encoding", "Content-Length", "Keep-Alive", "Authorization" };

    private readonly WebApplication _app;
    private readonly HttpClient _server;
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private long _bytes;

    private CountingApi(string server, string token)
    {
        // The test cluster is on loopback, with a certificate of its own making.
#pragma warning disable CA5359
        _server = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }) { BaseAddress = new Uri(server), Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore CA5359
        _server.DefaultRequestHeaders.Authorization = new("Bearer", token);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(CarryAsync);
    }

    public string Address => _app.Urls.First();

    /// <summary>Bytes of answers so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public static async Task<CountingApi> StartAsync(string server, string token)
    {
        var api = new CountingApi(server, token);
        await api._app.StartAsync().ConfigureAwait(false);
        return api;
    }

    /// <summary>The calls since this was last asked, without watches.</summary>
    public IReadOnlyList<ApiCall> Take()
    {
        var taken = new List<ApiCall>();
        while (_calls.TryDequeue(out ApiCall? call))
            taken.Add(call);
        return taken;
    }

    private async Task CarryAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach ((string name, var values) in context.Request.Headers.Where(h => !OfOneConnection.Contains(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        Stream body = await response.Content.ReadAsStreamAsync(context.RequestAborted).ConfigureAwait(false);
        var buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0;)
            {
                Interlocked.Add(ref _bytes, count);
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // A watch that devloop ended.
        }
        if (!context.Request.QueryString.Value!.Contains("watch=true", StringComparison.Ordinal))
            _calls.Enqueue(new ApiCall(context.Request.Method, context.Request.Path, Stopwatch.GetElapsedTime(began)));
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(soon.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _server.Dispose();
    }
}

/// <param name="Took">Of the server, with the way to it.</param>
internal sealed record ApiCall(string Method, string Path, TimeSpan Took);
