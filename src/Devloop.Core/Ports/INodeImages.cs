using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>The images of nodes that are containers of the engine that builds, as local clusters have them.</summary>
public interface INodeImages
{
    /// <summary>The running containers that have all of these labels. Throws <see cref="EngineUnreachableException"/>.</summary>
    /// <param name="labels">Each <c>name=value</c>.</param>
    Task<ImmutableArray<NodeContainer>> FindAsync(ImmutableArray<string> labels, CancellationToken cancellationToken);

    /// <summary>Whether a node has an image by this name; false too when it cannot be asked. Throws <see cref="EngineUnreachableException"/>.</summary>
    Task<bool> HasAsync(ImageReference reference, ImageNode node, CancellationToken cancellationToken);

    /// <summary>
    /// Loads an image that the engine has into all of these nodes at once, under its name. Null when each has it; otherwise why the first of
    /// those that do not have it refused it. Nothing goes on after a cancellation. Throws <see cref="EngineUnreachableException"/>.
    /// </summary>
    Task<Diagnostic?> LoadAsync(ImageReference reference, ImmutableArray<ImageNode> nodes, IProgress<BuildProgress> progress, CancellationToken cancellationToken);
}

/// <param name="Id">What the engine calls it.</param>
/// <param name="Name">Its name, which is that of the node too.</param>
public sealed record NodeContainer(string Id, string Name);

/// <summary>A node whose images can be reached through its container.</summary>
public sealed record ImageNode(NodeContainer Container, NodeRuntime Runtime);

/// <summary>What keeps the images inside a node.</summary>
public enum NodeRuntime
{
    Containerd,

    /// <summary>An engine inside the node, as minikube has it unless told otherwise.</summary>
    Docker,
}
