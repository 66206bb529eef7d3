using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>kinds:</c>: where custom kinds name images.</summary>
internal static class KindsSection
{
    private const string PathHelp = "a path is like `{.spec.image}`, `{.spec.images[0]}`, `{.spec.images[*].ref}` or `{.spec.images[?(@.name==\"web\")].ref}`";

    public static ImmutableArray<KindRule> Read(Section top)
    {
        var rules = ImmutableArray.CreateBuilder<KindRule>();
        foreach (YamlNode node in top.Items("kinds"))
        {
            if (node is not YamlMapping map)
            {
                top.Wrong(node, "an entry of `kinds` is a mapping");
                continue;
            }
            Section section = top.Inside(map, "an entry of `kinds`");
            string? kind = section.Text("kind");
            if (kind is null)
                section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "an entry of `kinds` has no `kind`") with { At = map.At });
            rules.Add(new KindRule(kind ?? "", section.Text("api_version"), [.. section.Items("image_paths").Select(n => Path(section, n, "an entry of `image_paths`")).OfType<string>()])
            {
                Ready = ReadySection.Read(section),
                ImageObjects = [.. section.Items("image_objects").Select(n => Parts(section, n)).OfType<ImageObjectRule>()],
            });
            section.Finish();
        }
        return rules.ToImmutable();
    }

    private static ImageObjectRule? Parts(Section section, YamlNode node)
    {
        if (node is not YamlMapping map)
        {
            section.Wrong(node, "an entry of `image_objects` is a mapping");
            return null;
        }
        Section entry = section.Inside(map, "an entry of `image_objects`");
        string? path = entry.Find("path") is { } written ? Path(entry, written, "`path`") : null;
        if (!entry.Has("path"))
            entry.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "an entry of `image_objects` has no `path`") with { At = map.At, Help = PathHelp });
        var rule = new ImageObjectRule(path ?? "", entry.Text("repository") ?? "repository", entry.Text("tag") ?? "tag", entry.Text("registry"), entry.Text("digest"));
        entry.Finish();
        return path is null ? null : rule;
    }

    private static string? Path(Section section, YamlNode node, string what)
    {
        if (section.AsText(node, what) is not { } path)
            return null;
        if (JsonPath.TryParse(path) is not null)
            return path;
        section.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{path}` is not a JSON path") with { At = node.At, Help = PathHelp });
        return null;
    }
}
