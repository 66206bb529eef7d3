using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>Whether the nodes of a cluster run their containers on the very engine that builds, so that nothing has to be pushed.</summary>
public static class EngineSharing
{
    private const int Samples = 5;

    /// <summary>
    /// Every node's container runtime is Docker in the engine's own version, and the images that the nodes report are in the engine by
    /// the same names. Nodes that report no named image prove nothing, so images are pushed then.
    /// </summary>
    public static async Task<bool> IsSharedAsync(EngineProbe.Reached engine, ImmutableArray<ClusterNode> nodes, IImageStore store, CancellationToken cancellationToken)
    {
        if (nodes.IsEmpty || !nodes.All(n => n.Runtime == "docker://" + engine.Version))
            return false;
        foreach (ClusterNode node in nodes)
        {
            string[] names = [.. node.Images.Where(i => ImageReference.TryParse(i, out ImageReference? r) && r.Tag is not null && r.Tag != "<none>").Take(Samples)];
            if (names.Length == 0)
                return false;
            int found = 0;
            foreach (string name in names)
                found += await store.FindAsync(name, cancellationToken).ConfigureAwait(false) is null ? 0 : 1;
            // A node may report an image that was removed a moment ago.
            if (found * 2 < names.Length)
                return false;
        }
        return true;
    }
}
