using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Planning;

/// <summary>What a tool reads to make manifests.</summary>
/// <param name="Files">Relative to the project; some may not be there.</param>
/// <param name="Directories">In which every file counts, also one that comes later.</param>
/// <param name="Broken">Files that are no valid YAML, and entries that lead nowhere: the reason, most likely, when the tool fails.</param>
public sealed record RenderInputs(ImmutableArray<string> Files, ImmutableArray<string> Directories, ImmutableArray<Diagnostic> Broken)
{
    public static RenderInputs Of(RenderedManifests source, IFileTree files) => source switch
    {
        RenderedManifests.Kustomize kustomize => KustomizeInputs.Of(kustomize.Directory, files),
        RenderedManifests.Helm helm => HelmInputs(helm, files),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A hash of all of them; null when one is no text, so that nothing can be said.</summary>
    public string? Hash(RenderedManifests source, IFileTree files)
    {
        using FieldHash hash = new();
        hash.Add("source", source switch
        {
            RenderedManifests.Helm helm => string.Join('\n', [helm.Chart, helm.Release, helm.Namespace, .. helm.Values, "", .. helm.Set.Select(s => $"{s.Path}={s.IsText}={s.Value}")]),
            RenderedManifests.Kustomize kustomize => kustomize.Directory,
            _ => throw new System.Diagnostics.UnreachableException(),
        });
        foreach (string file in Files)
        {
            switch (files.Read(file))
            {
                case FileContent.Text text:
                    hash.Add(file, text.Content);
                    break;
                case FileContent.Missing:
                    hash.Add(file, null);
                    break;
                default:
                    return null;
            }
        }
        return hash.ToHex();
    }

    /// <summary>The chart, charts beside it that it names with <c>file://</c>, and the files of values.</summary>
    private static RenderInputs HelmInputs(RenderedManifests.Helm helm, IFileTree files)
    {
        var directories = new List<string>();
        var all = new SortedSet<string>(helm.Values, StringComparer.Ordinal);
        var open = new Stack<string>([helm.Chart]);
        while (open.TryPop(out string? chart))
        {
            if (files.KindOf(chart) == PathKind.File)
                all.Add(chart);
            if (directories.Contains(chart) || files.KindOf(chart) != PathKind.Directory)
                continue;
            directories.Add(chart);
            all.UnionWith(files.FilesBelow(chart));
            foreach (string dependency in LocalDependencies(ProjectPath.Join(chart, "Chart.yaml"), files))
                open.Push(ProjectPath.Join(chart, dependency));
        }
        return new RenderInputs([.. all], [.. directories], []);
    }

    private static IEnumerable<string> LocalDependencies(string chartFile, IFileTree files)
    {
        if (files.Read(chartFile) is not FileContent.Text text || YamlReader.Read(new SourceText(chartFile, text.Content), DiagnosticCode.RenderFailed).Value is not { Documents: [{ Root: YamlMapping map }, ..] })
            yield break;
        foreach (YamlMapping dependency in (map.Under("dependencies") as YamlSequence)?.Items.OfType<YamlMapping>() ?? [])
        {
            if (dependency.Under("repository") is YamlScalar { Value: var repository } && repository.StartsWith("file://", StringComparison.Ordinal))
                yield return repository["file://".Length..];
        }
    }
}
