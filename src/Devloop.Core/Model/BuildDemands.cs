using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>
/// What the config asks of the builder beyond the Dockerfile language. Not every builder can do all of it; what one cannot is an error
/// and never passed over.
/// </summary>
public sealed record BuildDemands
{
    public static BuildDemands None { get; } = new();

    /// <summary>The size of <c>/dev/shm</c> in RUN, in bytes; null is the builder's own.</summary>
    public long? SharedMemory { get; init; }

    /// <summary>Limits of processes in RUN; each name once.</summary>
    public ImmutableArray<ResourceLimit> Limits { get; init; } = [];

    /// <summary>Take no step from the builder's cache.</summary>
    public bool NoCache { get; init; }

    /// <summary>The stages whose steps are not taken from the builder's cache; empty when <see cref="NoCache"/> says it of all.</summary>
    public ImmutableArray<string> NoCacheStages { get; init; } = [];

    /// <summary>Where steps are looked for beside the builder's own cache.</summary>
    public ImmutableArray<CacheLocation> CacheFrom { get; init; } = [];

    /// <summary>Where the steps of a build are kept for others.</summary>
    public ImmutableArray<CacheLocation> CacheTo { get; init; } = [];

    /// <summary>Annotations of what is exported; a key may say where it goes, such as <c>index:KEY</c>.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The arguments of the bill of materials, such as <c>generator=IMAGE</c>; null is none at all.</summary>
    public string? Sbom { get; init; }

    /// <summary>The arguments of the provenance, such as <c>mode=max</c>; null is none at all.</summary>
    public string? Provenance { get; init; }

    /// <summary>Where the config writes each of these, by its key.</summary>
    public ImmutableDictionary<string, SourceSpan> Places { get; init; } = ImmutableDictionary<string, SourceSpan>.Empty;
}

/// <summary>A limit of processes.</summary>
/// <param name="Name">As <c>setrlimit(2)</c> has it, in lower case and without the prefix: <c>nofile</c>.</param>
/// <param name="Soft">-1 is without limit.</param>
/// <param name="Hard">-1 is without limit.</param>
public sealed record ResourceLimit(string Name, long Soft, long Hard);

/// <summary>A place outside of the builder that holds steps of builds.</summary>
/// <param name="Type">As BuildKit names it: <c>registry</c>, <c>inline</c> or <c>gha</c>.</param>
/// <param name="Attributes">As BuildKit names them. No secret is among them.</param>
public sealed record CacheLocation(string Type, ImmutableSortedDictionary<string, string> Attributes)
{
    public const string Registry = "registry";
    public const string Inline = "inline";

    /// <summary>The cache of GitHub Actions; its address and token come from the runner's environment.</summary>
    public const string Actions = "gha";
}
