using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning.Live;
using Devloop.Rollout;

namespace Devloop.Planning;

/// <summary>Objects as they go to the cluster.</summary>
public static class Rendering
{
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>An object with the references of its images in it, for pipelines that apply it themselves.</summary>
    /// <param name="digests">Images that are missing here stay as they are written.</param>
    /// <param name="delivery">Null when the nodes share the engine.</param>
    public static JsonObject Injected(KubernetesObject item, ResourceDefinition resource, IReadOnlyDictionary<ImageName, ImageDigest> digests, Delivery? delivery)
    {
        var references = resource.Targets.Where(t => digests.ContainsKey(t.Name)).ToDictionary(t => t.Name, t => ReferenceOf(t, digests[t.Name], delivery));
        return ImageInjection.Inject(item, references, resource.Targets, resource.Kinds).Json;
    }

    /// <summary>The same, marked as ours and in the form that every server takes. Pod templates get no mark: a mark of ours must not replace pods.</summary>
    /// <param name="record">Where it is written down that it was applied; null writes no such mark.</param>
    /// <param name="images">What the images say that <see cref="ResourceEquipment.Asked"/> names; null when nothing is known.</param>
    public static JsonObject ForApply(
        KubernetesObject item, ResourceDefinition resource, IReadOnlyDictionary<ImageName, ImageDigest> digests, Delivery? delivery, RecordPlace? record, IReadOnlyDictionary<ImageName, BaseImage>? images = null)
    {
        JsonObject rendered = Injected(item, resource, digests, delivery);
        resource.Equipment?.Write(rendered, item, resource.Targets, images ?? ImmutableDictionary<ImageName, BaseImage>.Empty);
        if (rendered["metadata"] is JsonObject metadata)
        {
            if (metadata["labels"] is not JsonObject labels)
                metadata["labels"] = labels = [];
            labels[ManagedByLabel] ??= "devloop";
        }
        record?.MarkIn(rendered);
        ApplyForm.Write(rendered);
        return rendered;
    }

    private static string ReferenceOf(ImageTarget image, ImageDigest digest, Delivery? delivery)
    {
        ContentTag tag = ContentTag.Of(digest);
        return (delivery?.PullReference(image.Selector.Reference, tag) ?? image.Selector.Reference.WithTag(tag.Value)).Familiar;
    }
}
