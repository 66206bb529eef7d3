using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning.Live;

/// <summary>Finds the context that holds what a <c>sync</c> gives to containers: that of the image itself, else that of a base, the nearest first.</summary>
/// <param name="graph">Of all images of the project.</param>
internal sealed class SyncSources(Project project, ImageGraph graph)
{
    private readonly Dictionary<ImageName, ImageTarget> _targets = project.Images.ToDictionary(i => i.Name);

    /// <summary>The images with what containers get of their contexts, by their own steps or by those of images that stand on them.</summary>
    public ImmutableArray<ImageDefinition> Attach(ImmutableArray<ImageDefinition> images)
    {
        ILookup<ImageName, string> sources = Declared()
            .SelectMany(d => d.Steps.Syncs.Select(s => HolderOf(d.Image, s))).OfType<(ImageName Image, string Path)>()
            .ToLookup(h => h.Image, h => h.Path);
        return [.. images.Select(i => i.Syncing([.. sources[i.Name].Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]))];
    }

    public IEnumerable<Diagnostic> Check(IFileTree files)
    {
        foreach ((ImageTarget image, LiveUpdate.Declared steps) in Declared())
        {
            foreach (SyncStep sync in steps.Syncs)
            {
                if (HolderOf(image, sync) is null)
                    yield return Outside(image, sync);
            }
            foreach ((string key, string path, SourceSpan? at) in Named(steps))
            {
                string needed = path.AsSpan().IndexOfAny("*?") >= 0 ? ProjectCheck.FixedPart(path) : path;
                if (files.KindOf(needed) == PathKind.Missing && !LocalReading.IsProduced(project, needed) && !(key == "sync" && steps.Syncs.Any(s => s.From == path && HolderOf(image, s) is null)))
                    yield return Missing(image, key, needed, at, files);
            }
            for (int i = 1; i < steps.Syncs.Length; i++)
            {
                if (steps.Syncs.Take(i).FirstOrDefault(s => Collide(s, steps.Syncs[i], files)) is { } first)
                    yield return Twice(steps.Syncs[i], first);
            }
        }
    }

    /// <summary>Warns of what no container will ever get.</summary>
    /// <param name="isDeployed">Whether a resource runs an image.</param>
    /// <param name="others">What was said already: an image that nobody uses at all is told once.</param>
    public IEnumerable<Diagnostic> Unused(Func<ImageName, bool> isDeployed, IReadOnlyCollection<Diagnostic> others) =>
        project.Images.Where(i => i.LiveUpdate is not null && !graph.WithChildren([i.Name]).Any(isDeployed))
            .Where(i => !others.Any(o => o.Code == DiagnosticCode.UnusedImage && o.At == i.At))
            .Select(i => Diagnostic.Warning(DiagnosticCode.LiveUpdateUnused, $"image `{i.Name}` has `live_update`, and no resource runs it or an image built on it") with
            {
                At = i.LiveUpdate!.At,
                Help = "it counts for containers of resources: a manifest names the image, or this goes",
            });

    private (ImageName Image, string Path)? HolderOf(ImageTarget image, SyncStep sync)
    {
        string source = ProjectPath.Absolute(project.Root, sync.From);
        foreach (ImageName holder in graph.WithBases([image.Name]).Reverse())
        {
            if (ProjectPath.Below(ProjectPath.Absolute(project.Root, _targets[holder].Context), source) is { } inside)
                return (holder, inside == "." ? "" : inside);
        }
        return null;
    }

    private IEnumerable<(ImageTarget Image, LiveUpdate.Declared Steps)> Declared() =>
        project.Images.Where(i => i.LiveUpdate is LiveUpdate.Declared).Select(i => (i, (LiveUpdate.Declared)i.LiveUpdate!));

    /// <summary>Two directories may well come together in one; anything else would replace the other.</summary>
    private static bool Collide(SyncStep one, SyncStep other, IFileTree files)
    {
        if (one.From == other.From && one.To.TrimEnd('/') == other.To.TrimEnd('/'))
            return true;
        (bool isFile, bool otherIsFile) = (files.KindOf(one.From) == PathKind.File, files.KindOf(other.From) == PathKind.File);
        return (isFile || otherIsFile) && Destination(one, isFile) == Destination(other, otherIsFile);
    }

    private static string Destination(SyncStep sync, bool isFile) =>
        isFile && sync.To.EndsWith('/') ? sync.To + sync.From[(sync.From.LastIndexOf('/') + 1)..] : sync.To.TrimEnd('/');

    private Diagnostic Outside(ImageTarget image, SyncStep sync)
    {
        string[] contexts = [.. graph.WithBases([image.Name]).Reverse().Select(i => $"`{_targets[i].Context}`").Distinct(StringComparer.Ordinal)];
        return Diagnostic.Error(DiagnosticCode.SyncOutsideContext, $"`{sync.From}` in `sync` of image `{image.Name}` is in no context that the image is built from") with
        {
            At = sync.At,
            Help = contexts is [var only] ? $"the context is {only}, relative to the config as `from` is" : $"the contexts are {string.Join(" and ", contexts)}, relative to the config as `from` is",
        };
    }

    /// <summary>The paths that steps name, each with the key that it stands under.</summary>
    private static IEnumerable<(string Key, string Path, SourceSpan? At)> Named(LiveUpdate.Declared steps) =>
    [
        .. steps.FallBackOn.Select(f => ("fall_back_on", f.Path, f.At)),
        .. steps.Syncs.Select(s => ("sync", s.From, s.At)),
        .. steps.Runs.SelectMany(r => r.On.Select(on => ("on", on, r.At))),
    ];

    private static Diagnostic Missing(ImageTarget image, string key, string path, SourceSpan? at, IFileTree files) =>
        Diagnostic.Warning(DiagnosticCode.LivePathMissing, $"`{path}` in `{key}` of image `{image.Name}` does not exist") with
        {
            At = at,
            Help = ProjectCheck.Nearest(path, files) ?? "the paths of `live_update` are relative to the config, not to the context",
        };

    private static Diagnostic Twice(SyncStep second, SyncStep first) =>
        Diagnostic.Error(DiagnosticCode.SyncTwice, $"two `sync` steps write to `{second.To}`") with
        {
            At = second.At,
            Label = $"the first on line {first.At?.Line}",
            Help = "one of the two goes, or gets a place of its own",
        };
}
