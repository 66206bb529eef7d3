using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Ports;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Planning;

/// <summary>
/// Every local file that a kustomization reaches, through bases and components too. Fields are those of kustomize.config.k8s.io/v1beta1;
/// what comes from elsewhere is left to the tool.
/// </summary>
internal sealed class KustomizeInputs(IFileTree files)
{
    private static readonly string[] Names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    /// <summary>Fields that list files or directories, or YAML of several lines in their place.</summary>
    private static readonly string[] Lists = ["resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators", "patchesStrategicMerge"];

    /// <summary>Fields that list mappings with a <c>path</c>.</summary>
    private static readonly string[] Paths = ["patches", "patchesJson6902", "replacements"];

    private readonly SortedSet<string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Diagnostic>.Builder _broken = ImmutableArray.CreateBuilder<Diagnostic>();

    public static RenderInputs Of(string directory, IFileTree files)
    {
        var inputs = new KustomizeInputs(files);
        inputs.Directory(directory);
        return new RenderInputs([.. inputs._files], [], inputs._broken.ToImmutable());
    }

    private void Directory(string directory)
    {
        if (!_seen.Add(directory))
            return;
        // One of the other names may come, and count, at any time.
        string[] candidates = [.. Names.Select(n => ProjectPath.Join(directory, n))];
        _files.UnionWith(candidates);
        if (candidates.FirstOrDefault(c => files.KindOf(c) == PathKind.File) is not { } name || Yaml(name) is not YamlMapping kustomization)
            return;
        foreach (string field in Lists)
        {
            foreach (YamlScalar entry in Items(kustomization.Under(field)).OfType<YamlScalar>())
                Entry(directory, entry);
        }
        foreach (string field in Paths)
        {
            foreach (YamlMapping entry in Items(kustomization.Under(field)).OfType<YamlMapping>())
                Entry(directory, entry.Under("path"));
        }
        Entry(directory, (kustomization.Under("openapi") as YamlMapping)?.Under("path"));
        foreach (YamlMapping generator in Items(kustomization.Under("configMapGenerator")).Concat(Items(kustomization.Under("secretGenerator"))).OfType<YamlMapping>())
        {
            foreach (YamlScalar entry in Items(generator.Under("files")).Concat(Items(generator.Under("envs"))).Append(generator.Under("env")).OfType<YamlScalar>())
                Entry(directory, entry, isGenerated: true);
        }
    }

    private static ImmutableArray<YamlNode> Items(YamlNode? node) => node is YamlSequence sequence ? sequence.Items : [];

    /// <param name="isGenerated">Of a generator: <c>key=path</c> is possible, and the file need not be YAML.</param>
    private void Entry(string directory, YamlNode? node, bool isGenerated = false)
    {
        if (node is not YamlScalar { IsNull: false, Value: var written } || written.Contains('\n', StringComparison.Ordinal))
            return;
        string path = ProjectPath.Join(directory, isGenerated ? written[(written.IndexOf('=', StringComparison.Ordinal) + 1)..] : written);
        switch (files.KindOf(path))
        {
            case PathKind.Directory:
                Directory(path);
                break;
            case PathKind.Missing when IsRemote(written):
                break;
            case PathKind.Missing:
                _files.Add(path);
                _broken.Add(Diagnostic.Error(DiagnosticCode.RenderFailed, $"`{path}` does not exist") with { At = node.At, Help = "paths of a kustomization are relative to its own directory" });
                break;
            default:
                _files.Add(path);
                if (!isGenerated)
                    Yaml(path);
                break;
        }
    }

    /// <summary>The first document; what does not read is remembered as broken.</summary>
    private YamlNode? Yaml(string path)
    {
        _files.Add(path);
        if (files.Read(path) is not FileContent.Text text)
            return null;
        Parsed<YamlStream> yaml = YamlReader.Read(new SourceText(path, text.Content), DiagnosticCode.RenderFailed);
        _broken.AddRange(yaml.Diagnostics.Where(d => d.Severity == Severity.Error));
        return yaml.Value?.Documents is [var first, ..] ? first.Root : null;
    }

    /// <summary>What git and HTTP can fetch: <c>https://...</c>, <c>git@host:...</c>, <c>github.com/org/repo</c>.</summary>
    private static bool IsRemote(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal) || text.Contains("?ref=", StringComparison.Ordinal) || text.StartsWith("git@", StringComparison.Ordinal))
            return true;
        string[] parts = text.Split('/');
        return parts.Length > 2 && parts[0].Contains('.', StringComparison.Ordinal) && parts[0].Trim('.').Length > 0;
    }
}

internal static class YamlMappings
{
    /// <summary>The value of a key, or null.</summary>
    public static YamlNode? Under(this YamlMapping map, string key) => map.Entries.FirstOrDefault(e => e.Key.Value == key)?.Value;
}
