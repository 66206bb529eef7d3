using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>Whether the nodes of a cluster run their containers on the very engine that builds, so that nothing has to be pushed.</summary>
public static class EngineSharing
{
    /// <summary>Names of a node to look up at most.</summary>
    private const int Samples = 200;

    /// <summary>
    /// Every node's container runtime is Docker in the engine's own version, and the engine has one of the images that the node reports,
    /// by the same name. One is enough: what a node reports is minutes old, and most of it may have been removed since. Nodes that report
    /// no named image prove nothing, so images are pushed then.
    /// </summary>
    public static async Task<bool> IsSharedAsync(EngineProbe.Reached engine, ImmutableArray<ClusterNode> nodes, IImageStore store, CancellationToken cancellationToken)
    {
        if (nodes.IsEmpty || !nodes.All(n => n.Runtime == "docker://" + engine.Version))
            return false;
        foreach (ClusterNode node in nodes)
        {
            if (!await HasOneOfAsync(node, store, cancellationToken).ConfigureAwait(false))
                return false;
        }
        return true;
    }

    private static async Task<bool> HasOneOfAsync(ClusterNode node, IImageStore store, CancellationToken cancellationToken)
    {
        IEnumerable<string> names = node.Images.Where(i => ImageReference.TryParse(i, out ImageReference? r) && r.Tag is not null && r.Tag != "<none>");
        foreach (string name in names.Take(Samples))
        {
            if (await store.FindAsync(name, cancellationToken).ConfigureAwait(false) is not null)
                return true;
        }
        return false;
    }
}
