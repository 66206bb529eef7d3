using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>What a run knows of the place where its pods run, as far as live updates need it.</summary>
/// <param name="SharesEngine">Containers run on the engine that builds, so files need no way through the pod.</param>
/// <param name="HelperFor">The program for containers by the architecture of their image, such as <c>amd64</c>; null when there is none for it.</param>
public sealed record LiveSetup(bool SharesEngine, Func<string, ReadOnlyMemory<byte>?> HelperFor);

/// <summary>What the pods of a resource get so that their containers can be changed while they run.</summary>
/// <param name="ConfigMap">Its name; the object is one of the resource's.</param>
/// <param name="MountsAlways">Files come through the pod, so that every container needs the program; else only those that may be restarted in place.</param>
public sealed record ResourceEquipment(string ConfigMap, bool MountsAlways)
{
    /// <summary>Images whose own entrypoint decides, with the platform to ask for.</summary>
    public ImmutableSortedDictionary<ImageName, string> Asked { get; init; } = ImmutableSortedDictionary<ImageName, string>.Empty;

    /// <summary>Equips the pods of an object that was rendered.</summary>
    /// <param name="item">As the manifest has it: it names images by their own names.</param>
    /// <param name="known">What images say of themselves, as far as it is known.</param>
    public void Write(JsonObject rendered, KubernetesObject item, IReadOnlyCollection<ImageTarget> targets, IReadOnlyDictionary<ImageName, BaseImage> known)
    {
        if (LiveEquipment.PodSpecOf(rendered) is not { } podSpec || LiveEquipment.PodSpecOf(item.Json) is not { } written)
            return;
        foreach ((JsonObject container, JsonObject original) in ContainersOf(podSpec).Zip(ContainersOf(written)))
        {
            if (ImageInjection.RunBy(original, targets) is not { LiveUpdate: { } live } target)
                continue;
            BaseImage? image = known.GetValueOrDefault(target.Name);
            bool supervised = live.Restart switch
            {
                RestartPolicy.Always => true,
                RestartPolicy.Auto => LiveEquipment.CommandOf(container, image) is { IsEmpty: false } command && Entrypoints.AwarenessOf(command) != FileAwareness.Watches,
                _ => false,
            };
            supervised = supervised && LiveEquipment.Supervise(container, image);
            if (supervised || MountsAlways)
                LiveEquipment.Mount(podSpec, container, ConfigMap);
        }
    }

    internal static IEnumerable<JsonObject> ContainersOf(JsonObject podSpec) => (podSpec["containers"] as JsonArray)?.OfType<JsonObject>() ?? [];
}
