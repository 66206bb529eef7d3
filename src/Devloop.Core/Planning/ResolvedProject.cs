using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning.Live;

namespace Devloop.Planning;

/// <summary>A project with its Dockerfiles and manifests read: all that planning needs to know, and nothing of the disk.</summary>
public sealed class ResolvedProject
{
    private readonly Dictionary<ImageName, ImageDefinition> _images;
    private readonly HashSet<ImageName> _deployed;
    private readonly HashSet<string> _configFiles;
    private readonly Lazy<Producers> _producers;
    private readonly ConcurrentDictionary<ImageName, LiveRules?> _liveRules = new();

    /// <param name="configFiles">Every file that was read to resolve the project, relative to its root.</param>
    /// <param name="manifestGlobs">Where new manifests may appear.</param>
    public ResolvedProject(Project config, ImageGraph graph, ImmutableArray<ImageDefinition> images, ImmutableArray<ResourceDefinition> resources,
        IEnumerable<string> configFiles, ImmutableArray<ManifestSource> manifestGlobs)
    {
        (Config, Graph, Images, Resources, ManifestSources, AllResources) = (config, graph, images, resources, manifestGlobs, resources);
        _images = images.ToDictionary(i => i.Name);
        _deployed = [.. resources.SelectMany(r => r.Images)];
        HasLiveUpdate = images.Any(i => i.Target.LiveUpdate is not null);
        HasManual = resources.Any(r => !r.Settings.AutoStart || !r.Settings.AutoTrigger);
        ConfigFiles = [.. configFiles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _configFiles = [.. ConfigFiles.Select(AsSeen)];
        _producers = new(() => Producers.In(this));
    }

    public Project Config { get; }

    public ImageGraph Graph { get; }

    /// <summary>In the order of the config.</summary>
    public ImmutableArray<ImageDefinition> Images { get; }

    /// <summary>In the order they are applied when nothing keeps them.</summary>
    public ImmutableArray<ResourceDefinition> Resources { get; }

    /// <summary>Also those that a command line did not choose.</summary>
    public ImmutableArray<ResourceDefinition> AllResources { get; private init; }

    /// <summary>A command line chose some of the resources.</summary>
    public bool IsPart { get; private init; }

    /// <summary>Which local commands write what others read.</summary>
    public Producers Producers => _producers.Value;

    public ImmutableArray<string> ConfigFiles { get; }

    public ImmutableArray<ManifestSource> ManifestSources { get; }

    /// <summary>Some resource starts or changes only when it is asked for.</summary>
    public bool HasManual { get; }

    /// <summary>Directories in which every file may change what a tool renders.</summary>
    public ImmutableArray<string> RenderedDirectories { get; init; } = [];

    /// <summary>Whether another reading says the same in everything that a run goes by.</summary>
    public bool SameAs(ResolvedProject other) =>
        Config.Registry == other.Config.Registry && Config.Settings == other.Config.Settings
        && ConfigFiles.SequenceEqual(other.ConfigFiles)
        && Images.Select(i => (i.Name, i.Identity)).SequenceEqual(other.Images.Select(i => (i.Name, i.Identity)))
        && Resources.Length == other.Resources.Length
        && Resources.Zip(other.Resources).All(p => p.First.Name == p.Second.Name && p.First.ObjectsHash == p.Second.ObjectsHash && p.First.SameSettings(p.Second));

    /// <summary>The same project with some of its images and resources; the images must have their bases among them.</summary>
    public ResolvedProject With(IReadOnlyCollection<ImageName> images, ImmutableArray<ResourceDefinition> resources)
    {
        ImmutableArray<ImageDefinition> kept = [.. Images.Where(i => images.Contains(i.Name))];
        BaseEdge[] edges = [.. kept.SelectMany(i => i.Bases.Select(b => new BaseEdge(i.Name, b, null)))];
        return new ResolvedProject(Config, ImageGraph.Of([.. kept.Select(i => i.Name)], edges).Value!, kept, resources, ConfigFiles, ManifestSources) { AllResources = AllResources, RenderedDirectories = RenderedDirectories, IsPart = true };
    }

    /// <summary>The same project with images of which more is known now, since their bases are; this very project when nothing is new.</summary>
    public ResolvedProject Knowing(ImmutableArray<ImageDefinition> images)
    {
        var known = images.Where(i => !ReferenceEquals(_images[i.Name], i)).ToDictionary(i => i.Name);
        return known.Count == 0 ? this
            : new ResolvedProject(Config, Graph, [.. Images.Select(i => known.GetValueOrDefault(i.Name, i))], Resources, ConfigFiles, ManifestSources) { AllResources = AllResources, RenderedDirectories = RenderedDirectories, IsPart = IsPart };
    }

    /// <summary>Some image has live update.</summary>
    public bool HasLiveUpdate { get; }

    /// <summary>The same project with pods equipped so that live updates reach their containers; this very project when none needs it.</summary>
    public ResolvedProject EquippedForLive(LiveSetup setup)
    {
        var equipping = new Equipping(setup, Image);
        var equipped = AllResources.Where(r => r.Images.All(HasImage)).Select(r => (Before: r, After: equipping.Equip(r))).Where(r => r.After != r.Before).ToDictionary(r => r.Before.Name, r => r.After);
        return equipped.Count == 0 ? this
            : new ResolvedProject(Config, Graph, Images, [.. Resources.Select(r => equipped.GetValueOrDefault(r.Name, r))], ConfigFiles, ManifestSources)
            {
                AllResources = [.. AllResources.Select(r => equipped.GetValueOrDefault(r.Name, r))],
                RenderedDirectories = RenderedDirectories,
                IsPart = IsPart,
            };
    }

    public ImageDefinition Image(ImageName name) => _images[name];

    public bool HasImage(ImageName name) => _images.ContainsKey(name);

    /// <summary>How edits come to running containers of an image; null when it says nothing of that.</summary>
    public LiveRules? LiveRulesOf(ImageName image) => _liveRules.GetOrAdd(image, (name, project) => LiveRulesFactory.Of(project, project.Image(name)), this);

    public bool IsDeployed(ImageName image) => _deployed.Contains(image);

    /// <summary>Whether a file is part of what the project was resolved from, or may be from now on.</summary>
    /// <param name="path">Relative to the project, or absolute.</param>
    public bool IsConfig(string path) =>
        _configFiles.Contains(path)
        || (ProjectCheck.IsManifest(path) && ManifestSources.Any(s => IsBelow(path, AsSeen(ProjectCheck.FixedPart(s.Path)))))
        || RenderedDirectories.Any(d => IsBelow(path, AsSeen(d)))
        || (path.EndsWith(".dockerignore", StringComparison.Ordinal) && Images.Any(i => i.IgnoreFiles.Contains(path)));

    /// <summary>What is outside the project is seen by its absolute path.</summary>
    private string AsSeen(string path) => path == ".." || path.StartsWith("../", StringComparison.Ordinal) ? ProjectPath.Absolute(Config.Root, path) : path;

    private static bool IsBelow(string path, string directory) => directory == "." || path.StartsWith(directory + "/", StringComparison.Ordinal);

    /// <summary>The directories whose files matter: contexts, Dockerfiles, manifests and the config; relative to the project, none inside another.</summary>
    public ImmutableArray<string> WatchRoots()
    {
        IEnumerable<string> all =
        [
            .. Images.Select(i => i.Target.Context),
            .. ConfigFiles.Select(ParentOf),
            .. RenderedDirectories,
            .. ManifestSources.Select(s => ProjectCheck.FixedPart(s.Path)).Where(p => !_configFiles.Contains(AsSeen(p))),
            .. Resources.Select(r => r.Local).OfType<LocalDefinition>().SelectMany(l => l.Inputs.WatchRoots),
        ];
        string[] absolute = [.. all.Select(p => ProjectPath.Absolute(Config.Root, p)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return [.. absolute.Where(p => !absolute.Any(other => other != p && ProjectPath.Below(other, p) is not null))];
    }

    private static string ParentOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..Math.Max(slash, 1)] : ".";
}
