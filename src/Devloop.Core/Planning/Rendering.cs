using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Model;
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

    /// <summary>The same, marked as ours. Pod templates get no mark: a mark of ours must not replace pods.</summary>
    /// <param name="record">Where it is written down that it was applied; null writes no such mark.</param>
    public static JsonObject ForApply(KubernetesObject item, ResourceDefinition resource, IReadOnlyDictionary<ImageName, ImageDigest> digests, Delivery? delivery, RecordPlace? record)
    {
        JsonObject rendered = Injected(item, resource, digests, delivery);
        if (rendered["metadata"] is JsonObject metadata)
        {
            if (metadata["labels"] is not JsonObject labels)
                metadata["labels"] = labels = [];
            labels[ManagedByLabel] ??= "devloop";
        }
        record?.MarkIn(rendered);
        WriteProtocols(rendered["spec"]);
        return rendered;
    }

    /// <summary>
    /// The protocol is part of what tells ports apart in a server-side apply, and servers before 1.23 do not fill it in before they look
    /// (kubernetes/kubernetes#92332). Written out it means the same.
    /// </summary>
    private static void WriteProtocols(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (JsonNode? item in list)
                    WriteProtocols(item);
                break;
            case JsonObject map:
                foreach ((string key, JsonNode? value) in map)
                {
                    if (key == "ports" && value is JsonArray ports)
                    {
                        foreach (JsonObject port in ports.OfType<JsonObject>().Where(p => p.ContainsKey("port") || p.ContainsKey("containerPort")))
                            port["protocol"] ??= "TCP";
                    }
                    else
                    {
                        WriteProtocols(value);
                    }
                }
                break;
        }
    }

    private static string ReferenceOf(ImageTarget image, ImageDigest digest, Delivery? delivery)
    {
        ContentTag tag = ContentTag.Of(digest);
        return (delivery?.PullReference(image.Selector.Reference, tag) ?? image.Selector.Reference.WithTag(tag.Value)).Familiar;
    }
}
