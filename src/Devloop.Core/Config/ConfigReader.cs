using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads devloop.yaml: every problem of the text at once. What the disk has to say comes after, in <see cref="ProjectCheck"/>.</summary>
public static class ConfigReader
{
    public const int Version = 1;

    /// <param name="root">The absolute directory of the config.</param>
    public static Parsed<Project> Read(SourceText source, string root)
    {
        Parsed<YamlStream> yaml = YamlReader.Read(source, DiagnosticCode.ConfigSyntax);
        var problems = yaml.Diagnostics.ToList();
        if (yaml.HasErrors && yaml.Value!.Documents.IsEmpty)
            return new Parsed<Project>(null, [.. problems]);

        ImmutableArray<YamlNode> documents = [.. yaml.Value!.Documents.Select(d => d.Root)];
        if (documents.IsEmpty)
        {
            problems.Add(Diagnostic.Error(DiagnosticCode.EmptyConfig, "the config is empty") with
            {
                At = source.Span(0, 0),
                Help = "a config has `version: 1`, `images:` and `manifests:`",
            });
            return new Parsed<Project>(null, [.. problems]);
        }
        if (documents.Length > 1)
            problems.Add(Diagnostic.Error(DiagnosticCode.ConfigSyntax, "a config is one document") with { At = documents[1].At, Help = "the line `---` and what follows go" });
        if (documents[0] is not YamlMapping map)
        {
            problems.Add(Diagnostic.Error(DiagnosticCode.WrongType, "a config is a mapping") with
            {
                At = documents[0].At,
                Help = "a config has `version: 1`, `images:` and `manifests:`",
            });
            return new Parsed<Project>(null, [.. problems]);
        }
        return new Parsed<Project>(Read(new Section(map, "the config", problems), source, root, problems), [.. problems]);
    }

    private static Project Read(Section top, SourceText source, string root, List<Diagnostic> problems)
    {
        CheckVersion(top);
        RegistrySettings? registry = Registry(top);
        (ImmutableArray<ManifestSource> Files, ImmutableArray<RenderedManifests> Rendered) manifests = ManifestsSection.Read(top);
        var project = new Project
        {
            Name = top.Text("name") ?? NameOf(root),
            IsNamed = top.Has("name"),
            Root = root,
            ConfigFile = source.File,
            Cluster = Cluster(top),
            Registry = registry,
            Builder = BuilderSection.Read(top, hasRegistry: top.Has("registry")),
            Images = Images(top, problems),
            Manifests = manifests.Files,
            Rendered = manifests.Rendered,
            Resources = Resources(top, problems),
            Locals = LocalSection.Read(top, problems),
            Kinds = KindsSection.Read(top),
            Settings = Settings(top),
        };
        top.Finish();
        return project;
    }

    private static void CheckVersion(Section top)
    {
        if (top.Find("version") is not { } node)
        {
            top.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "the config has no `version`") with
            {
                At = top.At,
                Help = $"the first line is `version: {Version}`",
            });
        }
        else if (node is not YamlScalar { Value: "1" })
        {
            top.Bad("version", "this version of the config is not known", null, $"devloop reads `version: {Version}`");
        }
    }

    /// <summary>The directory's own name.</summary>
    private static string NameOf(string root) => root.Replace('\\', '/').TrimEnd('/').Split('/')[^1] is { Length: > 0 } name ? name : "project";

    private static ImmutableArray<ImageTarget> Images(Section top, List<Diagnostic> problems)
    {
        var images = ImmutableArray.CreateBuilder<ImageTarget>();
        foreach (YamlEntry entry in top.Sub("images")?.Entries ?? [])
        {
            if (ImageSection.Read(entry, problems) is not { } image)
                continue;
            // `api` and `docker.io/library/api` are one name.
            if (images.FirstOrDefault(i => i.Selector == image.Selector) is { } twin)
            {
                problems.Add(Diagnostic.Error(DiagnosticCode.DuplicateImage, $"images `{twin.Name}` and `{image.Name}` are the same selector") with
                {
                    At = image.At,
                    Label = $"first on line {twin.At?.Line}",
                    Help = "a tag tells them apart, as in `api:v2`",
                });
            }
            images.Add(image);
        }
        return images.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, ResourceSettings> Resources(Section top, List<Diagnostic> problems) =>
        (top.Sub("resources")?.Entries ?? []).ToImmutableSortedDictionary(e => e.Key.Value, e => ResourceSection.Read(e, problems), StringComparer.Ordinal);

    private static ClusterSettings Cluster(Section top)
    {
        if (top.Sub("cluster") is not { } section)
            return new ClusterSettings();
        var settings = new ClusterSettings
        {
            Context = section.Text("context"),
            Namespace = section.Text("namespace"),
            AllowContexts = section.Texts("allow_contexts"),
        };
        section.Finish();
        return settings;
    }

    private static RegistrySettings? Registry(Section top)
    {
        if (top.Sub("registry") is not { } section)
            return null;
        string? host = section.Text("host");
        var settings = new RegistrySettings(host ?? "", section.Text("host_from_cluster"), Always(section), section.Flag("insecure"));
        if (host is null)
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "`registry` has no `host`") with { At = section.At, Help = "the host is where images are pushed, such as `127.0.0.1:5005`" });
        else if (host.Contains("://", StringComparison.Ordinal))
            section.Bad("host", $"registry host `{host}` is a URL", "expected host, port and path", $"without the scheme: `{host[(host.IndexOf("://", StringComparison.Ordinal) + 3)..]}`");
        section.Finish();
        return host is null ? null : settings;
    }

    /// <summary><c>push: auto</c> leaves out what the nodes have already, because they run on the engine that builds.</summary>
    private static bool Always(Section section)
    {
        string? push = section.Text("push");
        if (push is not (null or "auto" or "always"))
            section.Bad("push", $"`{push}` is not a way to push", null, "the ways are `auto` and `always`");
        return push == "always";
    }

    private static EngineSettings Settings(Section top)
    {
        if (top.Sub("settings") is not { } section)
            return new EngineSettings();
        var settings = new EngineSettings
        {
            MaxParallelBuilds = section.Number("max_parallel_builds", 0, least: 0, most: 1000),
            Settle = TimeSpan.FromSeconds(section.Number("settle_seconds", (int)new EngineSettings().Settle.TotalSeconds, least: 0, most: 3600)),
            QuietMilliseconds = section.Number("quiet_ms", new EngineSettings().QuietMilliseconds, least: 0, most: 60_000),
        };
        section.Finish();
        return settings;
    }
}
