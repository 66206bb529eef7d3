using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>The ConfigMap that brings the program of <see cref="LiveEquipment"/> into the pods of a resource.</summary>
public static class HelperConfigMap
{
    private const string Prefix = "devloop-live-";

    /// <summary>A name has 253 characters at most, and a prefix and a hash belong to it (Kubernetes, "Object Names and IDs").</summary>
    private const int LongestPart = 200;

    /// <summary>Another for each resource and each content, so that pods never see one that changes below them.</summary>
    public static string NameOf(string resource, ReadOnlySpan<byte> helper)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(resource + "\0"));
        hash.AppendData(helper);
        string part = new([.. resource.ToLowerInvariant().Take(LongestPart).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        return $"{Prefix}{part.Trim('-')}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..8]}";
    }

    /// <param name="namespace">That of the pods; null when their manifest names none.</param>
    /// <param name="at">The manifest of the workload that it is for.</param>
    public static KubernetesObject Of(string name, string? @namespace, ReadOnlySpan<byte> helper, SourceSpan at)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        metadata["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "devloop" };
        var json = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = metadata,
            ["binaryData"] = new JsonObject { [LiveEquipment.HelperKey] = Convert.ToBase64String(helper) },
        };
        return new KubernetesObject(json, at, ImmutableDictionary<JsonNode, SourceSpan>.Empty);
    }
}
