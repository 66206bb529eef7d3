using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>How images get to the cluster's nodes, where these do not run on the engine that builds.</summary>
public abstract record Delivery
{
    private Delivery() { }

    public static Registry? Of(RegistrySettings? registry) =>
        registry is null ? null : new Registry(registry.Host.TrimEnd('/'), (registry.HostFromCluster ?? registry.Host).TrimEnd('/'));

    /// <summary>Whether nodes that run on the engine that builds need nothing pushed. A builder without an engine pushes in any case.</summary>
    public static bool MayBeSpared(Project project) => project is { Registry: not { Always: true }, Builder: BuilderSettings.Docker };

    /// <summary>What the nodes call an image.</summary>
    public abstract ImageReference PullReference(ImageReference image, ContentTag tag);

    /// <summary>
    /// The name that people write, below the registry's host: two images never meet. An image that lives there already keeps its name.
    /// A port's colon cannot stand in a path and becomes an underscore.
    /// </summary>
    internal static ImageReference In(string host, ImageReference image, string tag)
    {
        string name = image.Domain == host.Split('/')[0] ? image.Name : host + "/" + image.FamiliarName.Replace(':', '_').ToLowerInvariant();
        return ImageReference.TryParse($"{name}:{tag}", out ImageReference? reference)
            ? reference
            : throw new ArgumentException($"`{name}` cannot be an image name", nameof(image));
    }

    /// <summary>Pushed under one name, pulled under another.</summary>
    /// <param name="PushHost">Such as <c>127.0.0.1:5005</c>.</param>
    /// <param name="PullHost">As the nodes call it.</param>
    public sealed record Registry(string PushHost, string PullHost) : Delivery
    {
        public ImageReference PushReference(ImageReference image, ContentTag tag) => In(PushHost, image, tag.Value);

        public override ImageReference PullReference(ImageReference image, ContentTag tag) => In(PullHost, image, tag.Value);
    }

    /// <summary>Loaded from the engine into the nodes, which are containers of it. They have an image under the engine's own name.</summary>
    /// <param name="All">Every node of the cluster: a pod may run on any.</param>
    public sealed record Nodes(ImmutableArray<ImageNode> All) : Delivery
    {
        public override ImageReference PullReference(ImageReference image, ContentTag tag) => image.WithTag(tag.Value);
    }
}
