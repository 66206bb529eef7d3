using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Reads the <c>exec</c> section of a kubeconfig user.</summary>
internal static class ExecPluginReader
{
    private static readonly ImmutableArray<string> Versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    public static ExecPlugin? Read(KubeconfigEntry user, YamlMappingNode exec, KubeconfigEntry cluster, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        string where = $"user `{user.Name}` in kubeconfig `{user.File}`";
        if (exec.Scalar("command") is not { Length: > 0 } command)
        {
            diagnostics.Add(KubeconfigProblem.Of($"the `exec` plugin of {where} has no command", "set `command` to the program that gives the credentials"));
            return null;
        }
        string version = exec.Scalar("apiVersion") ?? "";
        if (!Versions.Contains(version))
        {
            diagnostics.Add(KubeconfigProblem.Of($"the `exec` plugin `{command}` of {where} has the unknown apiVersion `{version}`", $"the versions are {string.Join(" and ", Versions.Select(v => $"`{v}`"))}"));
            return null;
        }
        if (exec.Scalar("interactiveMode") == "Always")
        {
            diagnostics.Add(KubeconfigProblem.Of($"the `exec` plugin `{command}` of {where} wants a terminal of its own", "sign in with the plugin first, and set `interactiveMode: IfAvailable`"));
            return null;
        }
        bool isPath = command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return new ExecPlugin(
            user.Name,
            user.File,
            version,
            isPath ? user.Resolve(command) : command,
            [.. exec.Items("args").OfType<YamlScalarNode>().Select(a => a.Value ?? "")],
            [.. exec.Items("env").OfType<YamlMappingNode>().Where(v => v.Scalar("name") is { Length: > 0 }).Select(v => KeyValuePair.Create(v.Scalar("name")!, v.Scalar("value") ?? ""))],
            exec.Scalar("installHint"),
            exec.Scalar("provideClusterInfo") == "true" ? ClusterInfo(cluster) : null);
    }

    private static string ClusterInfo(KubeconfigEntry cluster)
    {
        var info = new JsonObject { ["server"] = cluster.Text("server") };
        if (cluster.Text("tls-server-name") is { } name)
            info["tls-server-name"] = name;
        if (cluster.Flag("insecure-skip-tls-verify"))
            info["insecure-skip-tls-verify"] = true;
        if (cluster.Text("certificate-authority-data") is { } data)
            info["certificate-authority-data"] = data;
        else if (cluster.FilePath("certificate-authority") is { } path && File.Exists(path))
            info["certificate-authority-data"] = Convert.ToBase64String(File.ReadAllBytes(path));
        return info.ToJsonString();
    }
}
