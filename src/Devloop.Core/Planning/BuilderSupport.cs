using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>
/// Holds what an image asks of its builder against what that one can do. BuildKit passes over what it does not know, so the asking has to be
/// judged before the build. Versions are those of BuildKit's release notes: 0.10 has <c>shm-size</c> and <c>ulimit</c>, 0.11 annotations and
/// attestations, 0.20 the second version of GitHub's cache.
/// </summary>
public static class BuilderSupport
{
    private static readonly Version Limits = new(0, 10);
    private static readonly Version Content = new(0, 11);
    private static readonly Version ActionsCache = new(0, 20);

    /// <summary>The Docker Engines with these versions inside.</summary>
    private static readonly ImmutableDictionary<Version, string> Engines = ImmutableDictionary<Version, string>.Empty.Add(Limits, "23.0").Add(Content, "24.0").Add(ActionsCache, "28.0");

    /// <summary>Whether the builder has to be asked what it can do.</summary>
    public static bool Depends(ImageTarget image) => Needs(image).Any();

    /// <summary>Whether the image asks for the cache of GitHub Actions where there is none: it is built without.</summary>
    public static bool GoesWithoutActionsCache(ImageTarget image, BuilderAbilities builder) => !builder.InActions && Needs(image).Any(n => n.IsActionsCache);

    /// <summary>What the builder cannot do, in the order of the config; empty when it can do all.</summary>
    public static ImmutableArray<Diagnostic> Missing(ImageTarget image, BuilderAbilities builder) =>
    [
        .. Needs(image).Where(n => !n.IsActionsCache || builder.InActions).Select(n => n.IsActionsCache && builder.NewActionsCache ? n with { Least = ActionsCache } : n).Select(n =>
            builder.BuildKit < n.Least ? Problem(image, n.Key, $"needs BuildKit {n.Least}, and {Has(builder)}", Newer(n, builder))
            : n.NeedsContent && !builder.KeepsContent ? Problem(image, n.Key, $"needs a builder with the containerd image store, which {builder.Name} does not use",
                "`\"features\": {\"containerd-snapshotter\": true}` in the daemon.json of the engine turns it on; or `builder: buildkit` builds elsewhere")
            : null).OfType<Diagnostic>().OrderBy(d => d.At?.Line),
    ];

    /// <param name="Key">Of the config.</param>
    /// <param name="NeedsContent">Only a builder that keeps images in their registry form can do it.</param>
    private readonly record struct Need(string Key, Version Least, bool NeedsContent = false, bool IsActionsCache = false);

    private static IEnumerable<Need> Needs(ImageTarget image)
    {
        BuildDemands demands = image.Demands;
        if (!image.Platforms.IsEmpty)
            yield return new Need("platforms", Content, NeedsContent: true);
        if (demands.SharedMemory is not null)
            yield return new Need("shm_size", Limits);
        if (!demands.Limits.IsEmpty)
            yield return new Need("ulimits", Limits);
        if (!demands.Annotations.IsEmpty)
            yield return new Need("annotations", Content, NeedsContent: true);
        if (demands.Sbom is not null)
            yield return new Need("sbom", Content, NeedsContent: true);
        if (demands.Provenance is not null)
            yield return new Need("provenance", Content, NeedsContent: true);
        // An engine with graph drivers looks for steps inside of images of registries only, and keeps them there only.
        foreach (CacheLocation cache in demands.CacheFrom.Where(c => c.Type != CacheLocation.Registry).DistinctBy(c => c.Type))
            yield return new Need("cache_from", Content, NeedsContent: true, cache.Type == CacheLocation.Actions);
        foreach (CacheLocation cache in demands.CacheTo.Where(c => c.Type != CacheLocation.Inline).DistinctBy(c => c.Type))
            yield return new Need("cache_to", Content, NeedsContent: true, cache.Type == CacheLocation.Actions);
    }

    private static Diagnostic Problem(ImageTarget image, string key, string why, string help) =>
        Diagnostic.Error(DiagnosticCode.BuilderCannot, $"`{key}` of image `{image.Name}` {why}") with
        {
            At = image.Demands.Places.GetValueOrDefault(key) ?? image.At,
            Help = help,
        };

    private static string Has(BuilderAbilities builder) => builder.IsEngine ? $"{builder.Name} has {Spoken(builder.BuildKit)}" : $"the builder is {builder.Name}";

    /// <summary>All that it takes at once: a newer engine may still lack the image store.</summary>
    private static string Newer(Need need, BuilderAbilities builder) =>
        !builder.IsEngine ? $"a buildkitd of {need.Least} or newer at `builder.address` has it"
        : $"BuildKit {need.Least} is in Docker Engine {Engines[need.Least]} and newer ones{(need.NeedsContent && !builder.KeepsContent ? ", where this needs the containerd image store too" : "")}; or `builder: buildkit` builds elsewhere";

    private static string Spoken(Version version) => $"{version.Major}.{version.Minor}";
}
