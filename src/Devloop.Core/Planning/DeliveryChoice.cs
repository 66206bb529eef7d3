using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>How the images of a run get to the nodes of a cluster.</summary>
/// <param name="Delivery">Null when nothing has to be delivered: the nodes run on the engine that builds.</param>
/// <param name="Remark">What was found out on the way, for who looks closely; null when there is nothing to say.</param>
public sealed record DeliveryChoice(Delivery? Delivery, string? Remark = null)
{
    /// <summary>
    /// A registry of the config counts before everything, with <c>push: always</c> even where nodes share the engine. Otherwise the nodes
    /// share it, or the cluster names a registry, to which only new layers travel, or the nodes are containers of the engine; when nothing fits
    /// and something is to be delivered, that is an error.
    /// </summary>
    /// <param name="nodes">Null when the builder has no engine.</param>
    public static async Task<Parsed<DeliveryChoice>> OfAsync(
        ResolvedProject project, EngineProbe.Reached engine, IImageStore store, INodeImages? nodes, ClusterProbe.Reached probe, ICluster cluster, CancellationToken cancellationToken)
    {
        Delivery? configured = Delivery.Of(project.Config.Registry);
        if (Delivery.MayBeSpared(project.Config) && await EngineSharing.IsSharedAsync(engine, probe.Nodes, store, cancellationToken).ConfigureAwait(false))
            return new Parsed<DeliveryChoice>(new DeliveryChoice(Delivery: null), []);
        if (configured is not null || !project.Images.Any(i => project.IsDeployed(i.Name)))
            return new Parsed<DeliveryChoice>(new DeliveryChoice(configured), []);
        Parsed<HostedRegistry> hosted = await HostedRegistry.FindAsync(cluster, cancellationToken).ConfigureAwait(false);
        if (hosted.Value is { Delivery: { } named })
            return new Parsed<DeliveryChoice>(new DeliveryChoice(named, $"images go to the registry {named.PushHost}, which the cluster names"), hosted.Diagnostics);
        ImmutableArray<ImageNode> local = nodes is null ? [] : await LocalNodes.FindAsync(probe.Context, probe.Nodes, nodes, cancellationToken).ConfigureAwait(false);
        return local is [var first, ..]
            ? new Parsed<DeliveryChoice>(
                new DeliveryChoice(new Delivery.Nodes(local), local.Length == 1 ? $"images are loaded into the node {first.Container.Name}" : $"images are loaded into the {local.Length} nodes of the cluster"),
                hosted.Diagnostics)
            : new Parsed<DeliveryChoice>(null, [.. hosted.Diagnostics, NoWay(hosted.Value?.Help)]);
    }

    private static Diagnostic NoWay(string? help) =>
        Diagnostic.Error(DiagnosticCode.NoDelivery, "the cluster's nodes cannot get the images: they do not run on this engine, and no registry is known") with
        {
            Notes =
            [
                "one way: `registry: {host: \"HOST:PORT\"}` in the config names a registry that the nodes can pull from",
                "another: the cluster itself names one, in the ConfigMap `local-registry-hosting` of the namespace `kube-public`",
                "the third: a cluster whose nodes run their containers on this engine, such as that of Docker Desktop, needs none",
                "the fourth: a cluster that kind, k3d or minikube made on this engine needs none either, while its context and containers have the names that they were given",
                .. help is null ? ImmutableArray<string>.Empty : [$"the cluster's makers say more: {help}"],
            ],
            Help = "a registry on this machine is enough for a local cluster: `docker run -d -p 127.0.0.1:5000:5000 registry:2`",
        };
}
