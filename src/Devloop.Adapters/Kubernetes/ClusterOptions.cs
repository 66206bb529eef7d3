using System.Collections.Immutable;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Which cluster to talk to and where its access is described. Only <see cref="FromEnvironment"/> reads the environment.</summary>
public sealed record ClusterOptions
{
    /// <summary>Kubeconfig files, first wins; those that do not exist are passed over, as kubectl does.</summary>
    public ImmutableArray<string> KubeconfigPaths { get; init; } = [];

    /// <summary>Null is the current context of the kubeconfig.</summary>
    public string? Context { get; init; }

    /// <summary>For objects that name no namespace; null is the context's own.</summary>
    public string? Namespace { get; init; }

    /// <summary>Where the API server is for a process that runs in a pod; used only when no kubeconfig file exists.</summary>
    public InClusterAddress? InCluster { get; init; }

    /// <summary>The options that kubectl would find: <c>KUBECONFIG</c>, else <c>~/.kube/config</c>, else the service account of a pod.</summary>
    public static ClusterOptions FromEnvironment(string? context, string? @namespace)
    {
        string? list = Environment.GetEnvironmentVariable("KUBECONFIG");
        ImmutableArray<string> paths = string.IsNullOrEmpty(list)
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
            : [.. list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];
        string? host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        string? port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        return new ClusterOptions
        {
            KubeconfigPaths = paths,
            Context = context,
            Namespace = @namespace,
            InCluster = string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) ? null : new InClusterAddress(host, port, InClusterAddress.DefaultDirectory),
        };
    }
}

/// <summary>How a pod reaches its own API server.</summary>
/// <param name="Directory">Holds <c>token</c>, <c>ca.crt</c> and <c>namespace</c>.</param>
public sealed record InClusterAddress(string Host, string Port, string Directory)
{
    public const string DefaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";
}
