using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Docker;

/// <summary>
/// The programs inside a node that know its images. A kubelet's images are in containerd's namespace <c>k8s.io</c>; the nodes of kind, k3d
/// and minikube all have <c>ctr</c>, or the docker client where an engine runs inside.
/// </summary>
internal static class NodePrograms
{
    /// <summary>Writes a line when the node has the image.</summary>
    public static string[] Find(NodeRuntime runtime, ImageReference reference) => runtime == NodeRuntime.Docker
        ? ["docker", "images", "--quiet", reference.Familiar]
        : ["ctr", "--namespace", "k8s.io", "images", "list", "--quiet", $"name==\"{reference}\""];

    /// <summary>Reads an image from its input as the engine exports it.</summary>
    public static string[] Load(NodeRuntime runtime) => runtime == NodeRuntime.Docker
        ? ["docker", "load", "--quiet"]
        : ["ctr", "--namespace", "k8s.io", "images", "import", "-"];
}
