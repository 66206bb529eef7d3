using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Manifests;

/// <summary>A unit of deploy: a workload and the objects that belong to it.</summary>
public sealed record Resource
{
    public required ResourceName Name { get; init; }

    /// <summary>In the order in which they are applied.</summary>
    public required ImmutableArray<KubernetesObject> Objects { get; init; }

    /// <summary>The object that runs, or null when the resource has none.</summary>
    public KubernetesObject? Workload { get; init; }

    /// <summary>The images of the project that its objects name, sorted.</summary>
    public ImmutableArray<ImageName> Images { get; init; } = [];

    public ResourceSettings Settings { get; init; } = new();
}
