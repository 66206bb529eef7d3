using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>manifests:</c>: files, and what kustomize and helm make.</summary>
internal static class ManifestsSection
{
    private const string Kinds = "an entry of `manifests` is a file, a glob, a directory, or a mapping with `kustomize` or `helm`";

    public static (ImmutableArray<ManifestSource> Files, ImmutableArray<RenderedManifests> Rendered) Read(Section top)
    {
        var files = ImmutableArray.CreateBuilder<ManifestSource>();
        var rendered = ImmutableArray.CreateBuilder<RenderedManifests>();
        foreach (YamlNode node in top.Items("manifests"))
        {
            switch (node)
            {
                case YamlScalar { IsNull: false } text when IsUrl(text.Value):
                    RefuseUrl(top, text, "manifest", "a copy of the file stands in its place");
                    break;
                case YamlScalar { IsNull: false } text:
                    files.Add(new ManifestSource(ProjectPath.Clean(text.Value), text.At));
                    break;
                case YamlMapping map when Rendered(top.Inside(map, "an entry of `manifests`"), node) is { } source:
                    rendered.Add(source);
                    break;
                case YamlMapping:
                    break;
                default:
                    top.Wrong(node, Kinds);
                    break;
            }
        }
        return (files.ToImmutable(), rendered.ToImmutable());
    }

    private static RenderedManifests? Rendered(Section entry, YamlNode node)
    {
        YamlNode? kustomize = entry.Find("kustomize");
        Section? helm = entry.Sub("helm");
        RenderedManifests? source = null;
        if (kustomize is not null && entry.Has("helm"))
            entry.Report(Diagnostic.Error(DiagnosticCode.ConflictingKeys, "an entry of `manifests` has `kustomize` and `helm`") with { At = node.At, Help = "each stands in an entry of its own" });
        else if (kustomize is not null)
            source = entry.AsText(kustomize, "`kustomize`") is not { } directory ? null
                : IsUrl(directory) ? RefuseUrl(entry, kustomize, "kustomization", "a kustomization of this repository may name it under `resources`")
                : new RenderedManifests.Kustomize(ProjectPath.Clean(directory), kustomize.At);
        else if (helm is not null)
            source = Helm(helm);
        else if (!entry.Entries.Any())
            entry.Wrong(node, Kinds);
        entry.Finish();
        return source;
    }

    private static RenderedManifests.Helm? Helm(Section section)
    {
        YamlNode? at = section.Find("chart");
        string? chart = section.Text("chart");
        string? release = section.Text("release");
        ImmutableArray<string> values = [.. section.Texts("values").Select(ProjectPath.Clean)];
        ImmutableArray<HelmValue> set = [.. (section.Sub("set")?.Entries ?? []).Select(e => Value(section, e)).OfType<HelmValue>()];
        string? space = section.Text("namespace");
        if (section.Flag("install"))
        {
            section.Report(Diagnostic.Error(DiagnosticCode.NotSupported, "`install` of `helm` is not supported: devloop applies what the chart renders itself") with
            {
                At = section.Place("install"),
                Help = "without this line the chart is deployed, with its images replaced, like every other manifest",
            });
        }
        section.Finish();
        if (at is null)
        {
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "`helm` has no `chart`") with { At = section.At, Help = "the chart is a directory of this repository, such as `charts/shop`" });
            return null;
        }
        if (chart is null)
            return null;
        if (IsUrl(chart))
            return RefuseUrl(section, at, "chart", "`helm pull --untar` puts a copy of it into the repository") as RenderedManifests.Helm;
        chart = ProjectPath.Clean(chart);
        return new RenderedManifests.Helm(chart, release ?? chart.Split('/')[^1], values, set, space, at.At);
    }

    private static HelmValue? Value(Section section, YamlEntry entry) => entry.Value is YamlScalar { IsNull: true }
        ? new HelmValue(entry.Key.Value, "null", IsText: false)
        : section.AsText(entry.Value, $"`{entry.Key.Value}` in `set`") is { } text ? new HelmValue(entry.Key.Value, text, IsText: !((YamlScalar)entry.Value).IsPlain) : null;

    private static bool IsUrl(string text) => text.Contains("://", StringComparison.Ordinal);

    private static RenderedManifests? RefuseUrl(Section section, YamlNode node, string what, string help)
    {
        section.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"{what} `{((YamlScalar)node).Value}` is a URL") with
        {
            At = node.At,
            Help = $"manifests come from this repository, so that everybody deploys the same: {help}",
        });
        return null;
    }
}
