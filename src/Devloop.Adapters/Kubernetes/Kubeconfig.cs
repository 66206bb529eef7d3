using System.Collections.Immutable;
using Devloop.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// Kubeconfig files merged as kubectl merges them: the first file that names a cluster, user or context, or sets the current
/// context, wins (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files"). Messages name the file and never show a
/// line of it, since most lines may hold a secret.
/// </summary>
internal sealed class Kubeconfig
{
    private readonly Dictionary<string, KubeconfigEntry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigEntry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigEntry> _contexts = new(StringComparer.Ordinal);

    public string? CurrentContext { get; private set; }

    /// <summary>The files that were there, in order.</summary>
    public ImmutableArray<string> Files { get; private set; } = [];

    public IEnumerable<string> ContextNames => _contexts.Keys.Order(StringComparer.Ordinal);

    public KubeconfigEntry? Context(string name) => _contexts.GetValueOrDefault(name);

    public KubeconfigEntry? Cluster(string name) => _clusters.GetValueOrDefault(name);

    public KubeconfigEntry? User(string name) => _users.GetValueOrDefault(name);

    public static Kubeconfig Read(ImmutableArray<string> paths, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        var merged = new Kubeconfig();
        foreach (string path in paths)
        {
            if (Text(path, diagnostics) is not { } text)
                continue;
            merged.Files = merged.Files.Add(path);
            if (Root(path, text, diagnostics) is { } root)
                merged.Add(path, root, diagnostics);
        }
        return merged;
    }

    private static string? Text(string path, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = Directory.Exists(path) ? "is a directory" : "cannot be read";
            diagnostics.Add(KubeconfigProblem.Of($"kubeconfig `{path}` {why}", "name a readable kubeconfig file in `KUBECONFIG`"));
            return null;
        }
    }

    private static YamlMappingNode? Root(string path, string text, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 0)
                return null;
            if (stream.Documents[0].RootNode is YamlMappingNode root)
                return root;
            diagnostics.Add(KubeconfigProblem.Of($"kubeconfig `{path}` is not a mapping", "a kubeconfig has the keys `clusters`, `users`, `contexts` and `current-context`"));
        }
        catch (YamlException e)
        {
            diagnostics.Add(KubeconfigProblem.Of(
                $"kubeconfig `{path}` is not valid YAML at line {e.Start.Line}, column {e.Start.Column}",
                "`kubectl config view` reads the same file and passes once it is mended"));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The YAML reader leaves some broken flow collections with these instead, and without a place.
            diagnostics.Add(KubeconfigProblem.Of($"kubeconfig `{path}` is not valid YAML", "`kubectl config view` reads the same file and passes once it is mended"));
        }
        return null;
    }

    private void Add(string path, YamlMappingNode root, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        CurrentContext ??= root.Scalar("current-context") is { Length: > 0 } current ? current : null;
        Merge(path, root, "clusters", "cluster", _clusters, diagnostics);
        Merge(path, root, "users", "user", _users, diagnostics);
        Merge(path, root, "contexts", "context", _contexts, diagnostics);
    }

    private static void Merge(string path, YamlMappingNode root, string list, string key, Dictionary<string, KubeconfigEntry> into, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        switch (root.Child(list))
        {
            case null or YamlScalarNode { Value: null or "" or "null" or "~" }:
                return;
            case YamlSequenceNode items:
                foreach (YamlNode item in items)
                {
                    if (item is YamlMappingNode entry && entry.Scalar("name") is { Length: > 0 } name)
                        into.TryAdd(name, new KubeconfigEntry(path, name, entry.Child(key) as YamlMappingNode ?? []));
                    else
                        diagnostics.Add(KubeconfigProblem.Of($"an entry of `{list}` in kubeconfig `{path}` has no name", $"each entry of `{list}` has the keys `name` and `{key}`"));
                }
                return;
            default:
                diagnostics.Add(KubeconfigProblem.Of($"`{list}` in kubeconfig `{path}` is not a list", $"`{list}` is a list of entries with the keys `name` and `{key}`"));
                return;
        }
    }
}

/// <summary>A named cluster, user or context, with the file it stands in.</summary>
internal sealed record KubeconfigEntry(string File, string Name, YamlMappingNode Body)
{
    public string? Text(string key) => Body.Scalar(key) is { Length: > 0 } text ? text : null;

    public bool Flag(string key) => Body.Scalar(key) is "true" or "True" or "TRUE";

    /// <summary>A path in the entry; a relative one starts at the directory of the kubeconfig.</summary>
    public string? FilePath(string key) => Text(key) is { } path ? Resolve(path) : null;

    public string Resolve(string path) => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(File))!);
}

internal static class KubeconfigProblem
{
    public static Diagnostic Of(string message, string help) => Diagnostic.Error(DiagnosticCode.KubeconfigInvalid, message) with { Help = help };
}

internal static class YamlReading
{
    public static YamlNode? Child(this YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null;

    public static string? Scalar(this YamlMappingNode node, string key) => (node.Child(key) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlMappingNode node, string key) => node.Child(key) as YamlSequenceNode ?? Enumerable.Empty<YamlNode>();
}
