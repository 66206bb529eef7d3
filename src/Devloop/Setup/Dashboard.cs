using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Web;

namespace Devloop.Cli.Setup;

/// <summary>The dashboard of a run. The run goes on without it when no port can be had.</summary>
internal static class Dashboard
{
    public static async Task<DashboardServer?> StartAsync(Settings settings, int port, ClusterSetup? cluster, EngineState initial, CancellationToken cancellationToken)
    {
        string target = cluster is null ? "nothing is deployed" : $"cluster {cluster.Probe.Context}, namespace {cluster.DefaultNamespace}";
        DashboardServer? server = await DashboardServer.StartAsync(new DashboardOptions(port, target), initial, cancellationToken).ConfigureAwait(false);
        if (server is null)
            settings.Consoles.Status("Dashboard", $"port {port} and those after it are taken; `--port 0` takes any free one", StatusTone.Warn);
        else
            settings.Consoles.Status("Dashboard", server.Address.ToString());
        return server;
    }
}
