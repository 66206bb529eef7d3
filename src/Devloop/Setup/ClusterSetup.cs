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
        Parsed<ClusterAccess> access = ClusterAccessReader.Read(ClusterOptions.FromEnvironment(
            settings.Context ?? project.Cluster.Context, settings.Namespace ?? project.Cluster.Namespace));
        if (!access.TryGet(out ClusterAccess? found))
        {
            Report.Show(settings, access.Diagnostics);
            return null;
        }
        // Judged by its name alone, before the first byte goes out.
        if (!ContextPermission.IsAllowed(found.Context, project.Cluster))
        {
            Report.Show(settings, [ContextPermission.Refusal(found.Context)]);
            return null;
        }
        var cluster = new KubernetesCluster(found, TimeProvider.System);
        switch (await cluster.ProbeAsync(cancellationToken).ConfigureAwait(false))
        {
            case ClusterProbe.Reached reached:
                return new ClusterSetup(cluster, found, reached);
            case ClusterProbe.Unreachable unreachable:
                cluster.Dispose();
                Report.Show(settings, [unreachable.Why]);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public void Dispose() => Cluster.Dispose();
}
