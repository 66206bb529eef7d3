using System.Collections.Immutable;
using System.Globalization;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>What a config resolves to: images, manifests, resources, settings.</summary>
public sealed record Project
{
    public required string Name { get; init; }

    /// <summary>The config says the name; else it is that of the directory, which another project may have too.</summary>
    public bool IsNamed { get; init; } = true;

    /// <summary>The absolute directory of the config; every other path is relative to it.</summary>
    public required string Root { get; init; }

    /// <summary>The config's path relative to the root.</summary>
    public required string ConfigFile { get; init; }

    /// <summary>In the order of the config.</summary>
    public ImmutableArray<ImageTarget> Images { get; init; } = [];

    public ImmutableArray<ManifestSource> Manifests { get; init; } = [];

    /// <summary>Manifests that other tools make.</summary>
    public ImmutableArray<RenderedManifests> Rendered { get; init; } = [];

    /// <summary>What the config says of resources, by name; most resources need nothing said.</summary>
    public ImmutableSortedDictionary<string, ResourceSettings> Resources { get; init; } = ImmutableSortedDictionary<string, ResourceSettings>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Commands of this machine, in the order of the config.</summary>
    public ImmutableArray<LocalCommand> Locals { get; init; } = [];

    /// <summary>Custom kinds that name images at declared paths.</summary>
    public ImmutableArray<KindRule> Kinds { get; init; } = [];

    public ClusterSettings Cluster { get; init; } = new();

    public RegistrySettings? Registry { get; init; }

    public BuilderSettings Builder { get; init; } = BuilderSettings.Default;

    public EngineSettings Settings { get; init; } = new();

    public ImageTarget Image(ImageName name) => Images.First(i => i.Name == name);
}

/// <summary>Where manifests come from: a file, a glob or a directory, relative to the project.</summary>
public sealed record ManifestSource(string Path, SourceSpan? At);

/// <summary>What the config says of one resource.</summary>
public sealed record ResourceSettings
{
    public ImmutableArray<PortForward> PortForwards { get; init; } = [];

    public ImmutableArray<ResourceName> DependsOn { get; init; } = [];

    /// <summary>Where each name of <see cref="DependsOn"/> stands in the config.</summary>
    public ImmutableDictionary<ResourceName, SourceSpan> DependsOnAt { get; init; } = ImmutableDictionary<ResourceName, SourceSpan>.Empty;

    public ImmutableArray<string> Labels { get; init; } = [];

    public ImmutableArray<string> Links { get; init; } = [];

    /// <summary>Objects that belong to this resource, as <c>name</c>, <c>name:kind</c> or <c>name:kind:namespace</c>.</summary>
    public ImmutableArray<string> Objects { get; init; } = [];

    public bool AutoStart { get; init; } = true;

    /// <summary>False: changes wait for a trigger.</summary>
    public bool AutoTrigger { get; init; } = true;

    /// <summary>Which lines of its containers are shown.</summary>
    public LogFilter Log { get; init; } = LogFilter.All;

    public SourceSpan? At { get; init; }
}

/// <summary>A local port that leads to a port of the newest pod of a resource.</summary>
/// <param name="Host">The local address to listen on; loopback unless the config says otherwise.</param>
/// <param name="RemotePort">A number from 1 to 65535, or the name of a container's port.</param>
public sealed record PortForward(string Host, int LocalPort, string RemotePort)
{
    /// <summary>False: the config names the local port only, and the pod says which of its ports is meant; <see cref="RemotePort"/> is the same number then.</summary>
    public bool RemoteGiven { get; init; } = true;

    /// <summary>What a user types to reach it: loopback is <c>localhost</c>, IPv6 stands in brackets.</summary>
    public string LocalText => string.Create(CultureInfo.InvariantCulture, $"{(Host is "127.0.0.1" or "::1" ? "localhost" : Host.Contains(':') ? $"[{Host}]" : Host)}:{LocalPort}");

    /// <summary>As the config writes it in full.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{LocalPort}:{RemotePort}");
}

/// <summary>A custom kind whose fields name images.</summary>
/// <param name="ApiVersion">Null matches every version of the kind.</param>
/// <param name="ImagePaths">JSON paths such as <c>{.spec.image}</c>.</param>
public sealed record KindRule(string Kind, string? ApiVersion, ImmutableArray<string> ImagePaths)
{
    /// <summary>When its objects are ready; null leaves it to their conditions.</summary>
    public ReadyRule? Ready { get; init; }

    /// <summary>Objects that hold the parts of a reference apart.</summary>
    public ImmutableArray<ImageObjectRule> ImageObjects { get; init; } = [];

    public bool Covers(string apiVersion, string kind) => Kind == kind && (ApiVersion is null || ApiVersion == apiVersion);

    /// <summary>The first rule of a kind that says when it is ready, or null.</summary>
    public static ReadyRule? ReadyOf(IEnumerable<KindRule> rules, string apiVersion, string kind) => rules.Where(r => r.Covers(apiVersion, kind)).Select(r => r.Ready).FirstOrDefault(r => r is not null);
}

/// <summary>Where a kind holds the parts of an image's reference apart: <c>{repository: app, tag: v1}</c>.</summary>
/// <param name="Path">A JSON path to the object that has them.</param>
/// <param name="Repository">The field of the name, with the registry's host where <paramref name="Registry"/> is not there.</param>
/// <param name="Registry">The field of the registry's host; null when the kind has none.</param>
/// <param name="Digest">The field of a digest, which goes before the tag; null when the kind has none.</param>
public sealed record ImageObjectRule(string Path, string Repository, string Tag, string? Registry, string? Digest);

public sealed record ClusterSettings
{
    /// <summary>The kubeconfig context; null is the current one.</summary>
    public string? Context { get; init; }

    /// <summary>For objects that name none; null is the context's own.</summary>
    public string? Namespace { get; init; }

    /// <summary>Contexts that may be written to beside the known local ones.</summary>
    public ImmutableArray<string> AllowContexts { get; init; } = [];
}

/// <param name="Host">Where this machine pushes, such as <c>127.0.0.1:5005</c>.</param>
/// <param name="HostFromCluster">Where the cluster's nodes pull from; null is the same.</param>
/// <param name="Always">Push also when the nodes run on the engine that builds.</param>
/// <param name="Insecure">It may be spoken to in the clear.</param>
public sealed record RegistrySettings(string Host, string? HostFromCluster, bool Always = false, bool Insecure = false);

public sealed record EngineSettings
{
    /// <summary>Builds at a time; 0 leaves it to the number of processors.</summary>
    public int MaxParallelBuilds { get; init; }

    /// <summary>How long what looks broken may take to heal before <c>ci</c> gives it up.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the files must be quiet before a change counts, in milliseconds.</summary>
    public int QuietMilliseconds { get; init; } = 20;
}
