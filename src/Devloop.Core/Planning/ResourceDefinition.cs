using System.Collections.Immutable;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning.Live;

namespace Devloop.Planning;

/// <summary>A resource with its objects.</summary>
public sealed record ResourceDefinition
{
    public required ResourceName Name { get; init; }

    public required ResourceSettings Settings { get; init; }

    /// <summary>In the order they are applied.</summary>
    public required ImmutableArray<KubernetesObject> Objects { get; init; }

    /// <summary>The images of the project that its objects name.</summary>
    public required ImmutableArray<ImageTarget> Targets { get; init; }

    /// <summary>Custom kinds that name images at declared paths.</summary>
    public ImmutableArray<KindRule> Kinds { get; init; } = [];

    /// <summary>Resources that bring a kind or a namespace of its objects, so that they are applied first.</summary>
    public ImmutableArray<ResourceName> Needs { get; init; } = [];

    public IEnumerable<ImageName> Images => Targets.Select(t => t.Name);

    /// <summary>Its pods run to their end, and anew for what changed: nothing is changed in them while they run.</summary>
    public bool RunsToEnd => Objects.Any(o => o.Kind is "Job" or "CronJob");

    /// <summary>Runs on this machine instead of in the cluster; null for what has objects.</summary>
    public LocalDefinition? Local { get; init; }

    /// <summary>What its pods get for live updates; null when they get nothing, or nobody asked for it.</summary>
    public ResourceEquipment? Equipment { get; init; }

    /// <summary>A hash of the objects as written, and of what the config has to say of their images.</summary>
    public required string ObjectsHash { get; init; }

    /// <summary>Whether the config says the same of both.</summary>
    public bool SameSettings(ResourceDefinition other) =>
        Settings.PortForwards.SequenceEqual(other.Settings.PortForwards) && Settings.DependsOn.SequenceEqual(other.Settings.DependsOn)
        && Settings.Links.SequenceEqual(other.Settings.Links) && Settings.Labels.SequenceEqual(other.Settings.Labels)
        && Settings.Log.SameAs(other.Settings.Log) && Kinds.Select(k => (k.Kind, k.ApiVersion, k.Ready)).SequenceEqual(other.Kinds.Select(k => (k.Kind, k.ApiVersion, k.Ready)))
        && Settings.AutoStart == other.Settings.AutoStart && Settings.AutoTrigger == other.Settings.AutoTrigger
        && (Local is null) == (other.Local is null) && (Local is null || Local.SameRules(other.Local!));

    /// <summary>What the resource looks like in the cluster with these images.</summary>
    public DeployKey KeyWith(IEnumerable<KeyValuePair<ImageName, ImageDigest>> digests)
    {
        using FieldHash hash = new FieldHash().Add("objects", ObjectsHash);
        foreach ((ImageName image, ImageDigest digest) in digests.OrderBy(d => d.Key))
            hash.Add("image " + image.Value, digest.Value);
        return new DeployKey(hash.ToHex());
    }
}

/// <summary>What a resource looks like in the cluster: its manifests and the digests of its images. Equal keys mean nothing to apply.</summary>
public readonly record struct DeployKey(string Value);
