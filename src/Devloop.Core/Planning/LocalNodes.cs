using System.Collections.Immutable;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>
/// The nodes of a cluster that kind, k3d or minikube made out of containers of the engine that builds. Each of these tools labels its
/// containers with the cluster's name, and names the context after the cluster.
/// </summary>
public static class LocalNodes
{
    private const string Kind = "kind-";
    private const string K3d = "k3d-";

    /// <summary>
    /// All nodes of the cluster, or none. A node counts when a container of the cluster has its name, so load balancers and registries
    /// beside the nodes do not. When one node is elsewhere, or keeps its images in a way that is not known, loading would leave pods
    /// without an image. Throws <see cref="EngineUnreachableException"/>.
    /// </summary>
    /// <param name="context">The kubeconfig context in use.</param>
    /// <param name="nodes">Empty when nodes may not be read.</param>
    public static async Task<ImmutableArray<ImageNode>> FindAsync(string context, ImmutableArray<ClusterNode> nodes, INodeImages images, CancellationToken cancellationToken)
    {
        if (nodes.IsEmpty || nodes.Any(n => RuntimeOf(n) is null))
            return [];
        ImmutableArray<NodeContainer> containers = await images.FindAsync(LabelsOf(context), cancellationToken).ConfigureAwait(false);
        var found = ImmutableArray.CreateBuilder<ImageNode>();
        foreach (ClusterNode node in nodes)
        {
            // Kubernetes has no capitals in the names of nodes.
            if (containers.FirstOrDefault(c => c.Name.Equals(node.Name, StringComparison.OrdinalIgnoreCase)) is not { } container)
                return [];
            found.Add(new ImageNode(container, RuntimeOf(node)!.Value));
        }
        return found.ToImmutable();
    }

    /// <summary>A profile of minikube is a context of the same name, whatever it is.</summary>
    private static ImmutableArray<string> LabelsOf(string context) =>
        context.StartsWith(Kind, StringComparison.Ordinal) ? [$"io.x-k8s.kind.cluster={context[Kind.Length..]}"]
        : context.StartsWith(K3d, StringComparison.Ordinal) ? ["app=k3d", $"k3d.cluster={context[K3d.Length..]}"]
        : [$"name.minikube.sigs.k8s.io={context}"];

    private static NodeRuntime? RuntimeOf(ClusterNode node) => node.Runtime.Split("://")[0] switch
    {
        "containerd" => NodeRuntime.Containerd,
        "docker" => NodeRuntime.Docker,
        _ => null,
    };
}
