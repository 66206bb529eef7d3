using System.Net;
using System.Net.Sockets;
using Devloop.Engine;
using Devloop.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Devloop.Web;

/// <summary>How the dashboard shows itself.</summary>
/// <param name="Port">From 0 to 65535; 0 is any free one.</param>
/// <param name="Target">What is deployed to, such as <c>cluster kind-dev</c>.</param>
public sealed record DashboardOptions(int Port, string Target)
{
    public const int UsualPort = 10350;

    /// <summary>False: the API alone.</summary>
    public bool HasPage { get; init; } = true;

    /// <summary>What the API may do with the run; null: it only shows.</summary>
    public RunControl? Control { get; init; }
}

/// <summary>The dashboard: one page and a small API on loopback, for those who know the token.</summary>
public sealed class DashboardServer : IAsyncDisposable
{
    /// <summary>How many ports after the wanted one are tried when it is taken: room for as many runs at a time.</summary>
    private const int NextPorts = 20;

    /// <summary>In bytes: a request names resources, and no project has so many.</summary>
    private const int LargestRequest = 256 << 10;

    private readonly WebApplication _app;
    private readonly Broadcast<EngineState> _states;

    private DashboardServer(WebApplication app, Broadcast<EngineState> states, int port, AccessToken token) =>
        (_app, _states, Port, Token) = (app, states, port, token.Value);

    public int Port { get; }

    public string Token { get; }

    /// <summary>The address to open; whoever has it may look.</summary>
    public Uri Address => new($"http://127.0.0.1:{Port}/?token={Token}");

    /// <summary>Starts to listen; null when no port could be had.</summary>
    public static async Task<DashboardServer?> StartAsync(DashboardOptions options, EngineState initial, CancellationToken cancellationToken)
    {
        var states = new Broadcast<EngineState>(initial);
        var token = new AccessToken();
        int last = options.Port == 0 ? 0 : Math.Min(options.Port + NextPorts, IPEndPoint.MaxPort);
        for (int port = options.Port; port <= last; port++)
        {
            WebApplication app = Create(port);
            try
            {
                // The gate must know the port, which is known once the server listens: the first requests wait for the gate.
                var gate = new TaskCompletionSource<AccessGate>(TaskCreationOptions.RunContinuationsAsynchronously);
                var pages = new DashboardPages(gate.Task, states, options);
                app.Run(pages.ServeAsync);
                await app.StartAsync(cancellationToken).ConfigureAwait(false);
                int bound = new Uri(app.Urls.First()).Port;
                gate.SetResult(new AccessGate(token, bound));
                return new DashboardServer(app, states, bound, token);
            }
            catch (IOException e) when (e.InnerException is SocketException || e.InnerException?.InnerException is SocketException)
            {
                await app.DisposeAsync().ConfigureAwait(false);
            }
        }
        return null;
    }

    /// <summary>Shows a newer state; from any thread, never waits.</summary>
    public void Show(EngineState state) => _states.Publish(state);

    public async ValueTask DisposeAsync()
    {
        _states.End();
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication Create(int port)
    {
        // Empty: reads no configuration or environment of the user's project, logs nothing, takes no signals.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        return builder.Build();
    }

    /// <summary>The command owns the signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
