using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Devloop.Adapters.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>An API server that answers as a test says: for what a real one does too seldom to wait for.</summary>
internal sealed class StubApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _asked = new();

    private StubApiServer(Func<HttpContext, int, Task> answer, X509Certificate2? certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate, ClientCertificateMode = ClientCertificateMode.AllowCertificate, ClientCertificateValidation = (_, _, _) => true });
        }));
        builder.Services.AddRouting();
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(context =>
        {
            _asked.Enqueue(context.Request.Method + " " + context.Request.Path + context.Request.QueryString);
            return answer(context, _asked.Count);
        });
    }

    /// <summary>Method, path and query of every request, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public Uri Address => new(_app.Urls.First());

    /// <param name="answer">Gets the request and its number, from 1.</param>
    /// <param name="certificate">With one it speaks TLS, and asks for the client's own.</param>
    public static async Task<StubApiServer> StartAsync(Func<HttpContext, int, Task> answer, X509Certificate2? certificate = null)
    {
        var server = new StubApiServer(answer, certificate);
        await server._app.StartAsync();
        return server;
    }

    /// <param name="user">The user of the kubeconfig, as JSON.</param>
    /// <param name="more">Further fields of the kubeconfig's cluster.</param>
    public KubernetesCluster Connect(TimeProvider time, string user = "{}", string more = "")
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, $$$"""{"clusters": [{"name": "stub", "cluster": {"server": "{{{Address.GetLeftPart(UriPartial.Authority)}}}"{{{more}}} }}], "users": [{"name": "stub", "user": {{{user}}} }], "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}], "current-context": "stub"}""");
        ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [path] }).TryGet(out ClusterAccess? access).ShouldBeTrue();
        File.Delete(path);
        return new KubernetesCluster(access!, time);
    }

    public static Task JsonAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    /// <summary>A refusal as API servers write it.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string reason, string message) =>
        JsonAsync(context, status, $$"""{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "{{reason}}", "message": "{{message}}", "code": {{status}}}""");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromMilliseconds(200)).Token);
        await _app.DisposeAsync();
    }
}
