using Devloop.Adapters.Kubernetes;
using Devloop.Cli.Commands;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>The cluster that a run writes to: allowed first, then reached.</summary>
internal sealed class ClusterSetup : IDisposable
{
    private ClusterSetup(KubernetesCluster cluster, ClusterAccess access, ClusterProbe.Reached probe) => (Cluster, Access, Probe) = (cluster, access, probe);

    public KubernetesCluster Cluster { get; }

    public ClusterAccess Access { get; }

    public ClusterProbe.Reached Probe { get; }

    public string DefaultNamespace => Probe.Namespace;

    /// <summary>The cluster, or its problem shown and null.</summary>
    public static async Task<ClusterSetup?> ConnectAsync(Settings settings, Project project, CancellationToken cancellationToken)
    {
        Parsed<ClusterSetup> connected = await TryConnectAsync(settings, project, cancellationToken).ConfigureAwait(false);
        if (!connected.TryGet(out ClusterSetup? cluster))
            Report.Show(settings, connected.Diagnostics);
        return cluster;
    }

    /// <summary>The cluster, or its problem.</summary>
    public static async Task<Parsed<ClusterSetup>> TryConnectAsync(Settings settings, Project project, CancellationToken cancellationToken)
    {
        Parsed<ClusterAccess> access = ClusterAccessReader.Read(ClusterOptions.FromEnvironment(
            settings.Context ?? project.Cluster.Context, settings.Namespace ?? project.Cluster.Namespace));
        if (!access.TryGet(out ClusterAccess? found))
            return new Parsed<ClusterSetup>(null, access.Diagnostics);
        // Judged by its name alone, before the first byte goes out.
        if (!ContextPermission.IsAllowed(found.Context, project.Cluster))
            return new Parsed<ClusterSetup>(null, [ContextPermission.Refusal(found.Context)]);
        var cluster = new KubernetesCluster(found, TimeProvider.System);
        switch (await cluster.ProbeAsync(cancellationToken).ConfigureAwait(false))
        {
            case ClusterProbe.Reached reached:
                return new Parsed<ClusterSetup>(new ClusterSetup(cluster, found, reached), []);
            case ClusterProbe.Unreachable unreachable:
                cluster.Dispose();
                return new Parsed<ClusterSetup>(null, [unreachable.Why]);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public void Dispose() => Cluster.Dispose();
}
