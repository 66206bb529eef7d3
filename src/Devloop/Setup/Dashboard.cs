using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Web;

namespace Devloop.Cli.Setup;

/// <summary>The server of a run: its dashboard, and the API that other commands use. The run goes on without it when no port can be had.</summary>
internal static class Dashboard
{
    /// <param name="port">Of the page; null is none, and any free port for the API.</param>
    public static async Task<DashboardServer?> StartAsync(Settings settings, int? port, ClusterSetup? cluster, EngineState initial, RunControl control, CancellationToken cancellationToken)
    {
        string target = cluster is null ? "nothing is deployed" : $"cluster {cluster.Probe.Context}, namespace {cluster.DefaultNamespace}";
        var options = new DashboardOptions(port ?? 0, target) { HasPage = port is not null, Control = control };
        DashboardServer? server = await DashboardServer.StartAsync(options, initial, cancellationToken).ConfigureAwait(false);
        if (server is null && port is not null)
            settings.Consoles.Status("Dashboard", $"port {port} and those after it are taken; `--port 0` takes any free one", StatusTone.Warn);
        return server;
    }
}
