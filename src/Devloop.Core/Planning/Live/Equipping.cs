using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Dockerfiles;
using Devloop.Manifests;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Decides which resources get equipment, from what the config and the manifests say; what only an image can say is asked when it is deployed.</summary>
/// <param name="images">The images of the project by name.</param>
internal sealed class Equipping(LiveSetup setup, Func<ImageName, ImageDefinition> images)
{
    /// <summary>The very resource when none of its containers needs anything, or there is no program for them.</summary>
    public ResourceDefinition Equip(ResourceDefinition resource)
    {
        if (resource.Local is not null || resource.RunsToEnd || resource.Targets.All(t => t.LiveUpdate is null))
            return resource;
        Equipped[] equipped =
        [
            .. from item in resource.Objects
               from container in LiveEquipment.PodSpecOf(item.Json) is { } podSpec ? ResourceEquipment.ContainersOf(podSpec) : []
               let target = ImageInjection.RunBy(container, resource.Targets)
               where target?.LiveUpdate is not null
               let restarts = MayBeRestarted(container, target)
               where restarts != Answer.No || !setup.SharesEngine
               select new Equipped(item, target, restarts),
        ];
        // A program of another architecture than the node's would keep the container from starting: of an image of several nobody knows which it is.
        BuildPlatform[] platforms = [.. equipped.SelectMany(e => images(e.Target.Name).Variants).Select(v => v.Platform with { Variant = "" }).Distinct()];
        if (platforms is not [{ Os: "linux" } platform] || setup.HelperFor(platform.Architecture) is not { } helper)
            return resource;
        string name = HelperConfigMap.NameOf(resource.Name.Value, helper.Span);
        IEnumerable<KubernetesObject> configMaps = equipped.DistinctBy(e => e.Item.Namespace).Select(e => HelperConfigMap.Of(name, e.Item.Namespace, helper.Span, e.Item.At));
        using FieldHash hash = new FieldHash().Add("objects", resource.ObjectsHash).Add("program", name).Add("mounted", setup.SharesEngine ? "where restarted" : "everywhere");
        foreach (ImageTarget target in resource.Targets.Where(t => t.LiveUpdate is not null))
            hash.Add("restart " + target.Name.Value, ((int)target.LiveUpdate!.Restart).ToString(CultureInfo.InvariantCulture));
        return resource with
        {
            Objects = [.. ApplyOrder.Sort([.. configMaps, .. resource.Objects])],
            ObjectsHash = hash.ToHex(),
            Equipment = new ResourceEquipment(name, MountsAlways: !setup.SharesEngine)
            {
                Asked = equipped.Where(e => e.Restarts == Answer.AskImage).Select(e => e.Target.Name).Distinct()
                    .ToImmutableSortedDictionary(i => i, i => images(i).Dockerfile.Platform.ToString()),
            },
        };
    }

    /// <summary>Whether the process of a container may have to be started again in place.</summary>
    private static Answer MayBeRestarted(JsonObject container, ImageTarget target)
    {
        if (target.LiveUpdate!.Restart == RestartPolicy.Never)
            return Answer.No;
        JsonObject runs = container.DeepClone().AsObject();
        ImageInjection.Adapt(runs, target);
        ImmutableArray<string> command = LiveEquipment.CommandOf(runs, image: null);
        return command.IsEmpty ? Answer.AskImage
            : target.LiveUpdate.Restart == RestartPolicy.Always || Entrypoints.AwarenessOf(command) != FileAwareness.Watches ? Answer.Yes : Answer.No;
    }

    private enum Answer
    {
        No,
        Yes,

        /// <summary>The container runs what its image says.</summary>
        AskImage,
    }

    private sealed record Equipped(KubernetesObject Item, ImageTarget Target, Answer Restarts);
}
