using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>Reads a config with everything it names into a <see cref="ResolvedProject"/>; every problem of every file at once.</summary>
/// <param name="environment">For build args without a value.</param>
/// <param name="renderer">For manifests that other tools make; without it such tools count as not installed.</param>
/// <param name="manifests">What was read of manifests before; null when nothing was.</param>
public sealed class ProjectLoader(
    IFileTree files, string configFile, IReadOnlyDictionary<string, string> environment, BuildPlatform platform, ManifestRenderer? renderer = null, ManifestMemory? manifests = null)
{
    private readonly ImmutableArray<Diagnostic>.Builder _problems = ImmutableArray.CreateBuilder<Diagnostic>();
    private readonly SortedSet<string> _read = new(StringComparer.Ordinal);

    public static Parsed<ResolvedProject> Load(
        IFileTree files, string configFile, IReadOnlyDictionary<string, string> environment, BuildPlatform platform, ManifestRenderer? renderer = null, ManifestMemory? manifests = null) =>
        new ProjectLoader(files, configFile, environment, platform, renderer, manifests).Load();

    private Parsed<ResolvedProject> Load()
    {
        _read.Add(configFile);
        if (TextOf(configFile, null, "the config") is not { } source)
            return new Parsed<ResolvedProject>(null, _problems.ToImmutable());
        Parsed<Project> read = ConfigReader.Read(source, files.Root);
        _problems.AddRange(read.Diagnostics);
        if (read.Value is not { } written)
            return new Parsed<ResolvedProject>(null, _problems.ToImmutable());
        (Project project, ImmutableArray<ImageDefinition> images) = Define(ContextImages.In(written));
        BaseEdge[] edges = [.. images.SelectMany(i => i.Bases.Select(b => new BaseEdge(i.Name, b, i.PlaceOf(b))))];
        Parsed<ImageGraph> graph = ImageGraph.Of([.. project.Images.Select(i => i.Name)], edges);
        _problems.AddRange(graph.Diagnostics);
        SyncSources? syncs = graph.Value is { } whole && images.Length == project.Images.Length ? new SyncSources(project, whole) : null;
        if (syncs is not null)
        {
            _problems.AddRange(syncs.Check(files));
            images = syncs.Attach(images);
        }

        (ImmutableArray<KubernetesObject> objects, ImmutableArray<RenderInputs> inputs, ImmutableArray<Diagnostic> problems) = RenderedReading.Read(project.Rendered, files, renderer);
        _problems.AddRange(problems);
        _read.UnionWith(inputs.SelectMany(i => i.Files));
        ImmutableArray<ResourceDefinition> resources = ResourceReading.Read(
            project, files, images.Length == project.Images.Length ? graph.Value : null, ReadManifest, manifests ?? new ManifestMemory(), (objects, !problems.Any(p => p.Severity == Severity.Error)), _problems);
        resources = [.. resources, .. LocalReading.Read(project, files, resources, _problems)];
        if (_problems.Any(p => p.Severity == Severity.Error) || graph.Value is null)
            return new Parsed<ResolvedProject>(null, Sorted());
        var resolved = new ResolvedProject(project, graph.Value, images, resources, _read, project.Manifests)
        {
            RenderedDirectories = [.. inputs.SelectMany(i => i.Directories).Distinct(StringComparer.Ordinal)],
        };
        LocalReading.AddCycle(resolved, _problems);
        _problems.AddRange(syncs?.Unused(resolved.IsDeployed, [.. _problems]) ?? []);
        return new Parsed<ResolvedProject>(_problems.Any(p => p.Severity == Severity.Error) ? null : resolved, Sorted());
    }

    /// <summary>By file and line, each once.</summary>
    private ImmutableArray<Diagnostic> Sorted() =>
        [.. _problems.Distinct().OrderBy(p => p.At is null).ThenBy(p => p.At?.File == configFile ? "" : p.At?.File, StringComparer.Ordinal).ThenBy(p => p.At?.Start ?? 0)];

    /// <summary>Defines all images; directories that no Dockerfile takes anything from are left out.</summary>
    private (Project Project, ImmutableArray<ImageDefinition> Images) Define(Project whole)
    {
        _problems.AddRange(ProjectCheck.Check(whole, files));
        var defined = whole.Images.Where(i => i.ContextOf is null).Select(i => Define(whole, i, null)).OfType<ImageDefinition>().ToDictionary(i => i.Name);
        foreach (ImageTarget context in whole.Images.Where(i => i.ContextOf is not null))
        {
            if (defined.TryGetValue(context.ContextOf!.Value, out ImageDefinition? image) && ContextImages.Taken(image, context.Name) is { Patterns.IsEmpty: false } taken
                && Define(whole, context, taken) is { } definition)
            {
                defined[context.Name] = definition;
            }
        }
        Project project = whole with { Images = [.. whole.Images.Where(i => i.ContextOf is null || defined.ContainsKey(i.Name))] };
        return (project, [.. project.Images.Select(i => defined.GetValueOrDefault(i.Name)).OfType<ImageDefinition>()]);
    }

    /// <param name="taken">What another image takes of it; null when its own Dockerfile says it.</param>
    private ImageDefinition? Define(Project project, ImageTarget target, InputPatterns? taken)
    {
        SourceText? source;
        if (target.DockerfileInline is { } inline)
        {
            source = new SourceText($"{configFile} ({target.Name})", inline);
        }
        else
        {
            _read.Add(target.Dockerfile!);
            // What is missing was said by the check.
            source = files.KindOf(target.Dockerfile!) == PathKind.File ? TextOf(target.Dockerfile!, target.At, $"the Dockerfile of image `{target.Name}`") : null;
        }
        if (source is null)
            return null;
        Parsed<Dockerfile> read = DockerfileReader.Read(source);
        _problems.AddRange(read.Diagnostics);
        if (read.HasErrors || read.Value is null)
            return null;

        ImmutableSortedDictionary<string, string> args = RepeatableBuilds.WithEpoch(target.Args
            .Select(a => KeyValuePair.Create(a.Key, a.Value ?? environment.GetValueOrDefault(a.Key)))
            .Where(a => a.Value is not null)
            .ToImmutableSortedDictionary(a => a.Key, a => a.Value!, StringComparer.Ordinal));
        var variables = new BuildVariables
        {
            Args = args,
            Target = target.Target,
            BuilderPlatform = platform,
        };
        string?[] platforms = target.Platforms.IsEmpty ? [target.Platform] : [.. target.Platforms];
        Parsed<ResolvedDockerfile>[] resolved = [.. platforms.Select(p => (p is null ? null : BuildPlatform.TryParse(p)) ?? platform)
            .Select(p => DockerfileResolver.Resolve(read.Value, variables with { TargetPlatform = p }))];
        // What no line of the Dockerfile is to blame for, the config's entry is.
        _problems.AddRange(resolved.SelectMany(r => r.Diagnostics).Select(d => d.At is null ? d with { At = target.At } : d));
        if (resolved.Any(r => r.HasErrors || r.Value is null))
            return null;
        ImmutableArray<ResolvedDockerfile> variants = [.. resolved.Select(r => r.Value!)];
        if (PlatformVariants.Difference(target, variants) is { } difference)
        {
            _problems.Add(difference);
            return null;
        }

        ImmutableArray<string> ignoreFiles = IgnoreFiles(target);
        SourceText? ignoreText = ignoreFiles.FirstOrDefault(f => files.KindOf(f) == PathKind.File) is { } file ? TextOf(file, target.At, "the ignore file") : null;
        Parsed<IgnoreRules> own = IgnoreRules.Of(target.Ignore, target.At);
        _problems.AddRange(own.Diagnostics);
        var filter = new ContextFilter(taken ?? InputPatterns.Union(variants.Select(InputPatterns.Of)), IgnoreIn(ignoreText), own.Value, target.Only);
        return new ImageDefinition(files.Root, target, variants, variables, filter, ignoreFiles, ignoreText?.Content ?? "", BaseResolution.Of(project, target, variants, _problems));
    }

    /// <summary>BuildKit's order: the Dockerfile's own ignore file goes before the context's.</summary>
    private static ImmutableArray<string> IgnoreFiles(ImageTarget target) =>
        target.Dockerfile is null
            ? [ProjectPath.Join(target.Context, ".dockerignore")]
            : [target.Dockerfile + ".dockerignore", ProjectPath.Join(target.Context, ".dockerignore")];

    private IgnoreRules IgnoreIn(SourceText? source)
    {
        if (source is null)
            return IgnoreRules.Empty;
        _read.Add(source.File);
        Parsed<IgnoreRules> rules = IgnoreRules.Read(source);
        _problems.AddRange(rules.Diagnostics);
        return rules.Value ?? IgnoreRules.Empty;
    }

    private SourceText? ReadManifest(string path, SourceSpan? at)
    {
        _read.Add(path);
        return TextOf(path, at, "the manifest");
    }

    private SourceText? TextOf(string path, SourceSpan? at, string what)
    {
        Diagnostic? problem;
        switch (files.Read(path))
        {
            case FileContent.Text text:
                return new SourceText(path, text.Content);
            case FileContent.Missing:
                problem = Diagnostic.Error(DiagnosticCode.MissingFile, $"{what}, `{path}`, does not exist");
                break;
            case FileContent.Binary:
                problem = Diagnostic.Error(DiagnosticCode.NotAFile, $"{what}, `{path}`, is not a text in UTF-8") with { Help = "an editor can save it as UTF-8" };
                break;
            case FileContent.Unreadable unreadable:
                problem = Diagnostic.Error(DiagnosticCode.Unreadable, $"{what}, `{path}`, cannot be read: {unreadable.Reason}") with
                {
                    Help = unreadable.Reason.Contains("permission", StringComparison.Ordinal) ? "its permissions let it be read" : "a file of text stands in its place",
                };
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
        _problems.Add(problem with { At = at });
        return null;
    }
}
