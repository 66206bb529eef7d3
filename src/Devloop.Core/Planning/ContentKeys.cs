using System.Collections.Immutable;
using System.Globalization;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>
/// The content key of an image: the same on every machine and path, and another as soon as anything differs that a build would read.
/// No time, absolute path, culture or order of a listing goes into it.
/// </summary>
public static class ContentKeys
{
    /// <summary>Counts up whenever the meaning of a field changes.</summary>
    private const string Format = "devloop-key-2";

    /// <param name="external">What each external base resolves to, by the reference as resolved.</param>
    public static ContentKey Of(ImageDefinition image, ContextSnapshot context, IReadOnlyDictionary<ImageName, ImageDigest> bases, IReadOnlyDictionary<string, string> external)
    {
        using FieldHash hash = new FieldHash().Add("format", Format);
        foreach ((string name, string? value) in Values(image, bases, external))
            hash.Add(name, value);
        hash.Add("inputs", context.Hash.ToString());
        return new ContentKey(hash.ToHex());
    }

    /// <summary>All that goes into the key besides the inputs, as hashes; sorted by name.</summary>
    public static ImmutableArray<KeyField> Fields(ImageDefinition image, IReadOnlyDictionary<ImageName, ImageDigest> bases, IReadOnlyDictionary<string, string> external)
    {
        using FieldHash hash = new();
        return [.. Values(image, bases, external).Select(v => new KeyField(v.Name, v.Value is null ? null : hash.Add("", v.Value).ToHex())).OrderBy(f => f.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<(string Name, string? Value)> Values(ImageDefinition image, IReadOnlyDictionary<ImageName, ImageDigest> bases, IReadOnlyDictionary<string, string> external)
    {
        yield return ("dockerfile", image.ReducedDockerfile);
        yield return ("target", image.Target.Target);
        // Also when nothing is said: engines of two architectures share one registry, and what they build is not the same.
        yield return ("platform", string.Join(',', image.Variants.Select(v => v.Platform)));
        yield return ("network", image.Target.Network);
        yield return ("entrypoint", image.Target.Entrypoint is { } command ? string.Join('\0', command.Words) : null);
        yield return (RepeatableBuilds.EpochArg, RepeatableBuilds.OtherEpoch(image.Args));
        foreach ((string name, string value) in image.UsedArgs)
            yield return ("build arg " + name, value);
        // Who gives a secret, and its value, differ between machines; that there is one does not.
        foreach (string id in image.Target.Secrets.Select(s => s.Id).Order(StringComparer.Ordinal))
            yield return ("secret " + id, "");
        foreach (string id in image.Target.Ssh.Select(a => a.Id).Order(StringComparer.Ordinal))
            yield return ("ssh " + id, "");
        foreach ((string name, string value) in image.Target.Labels)
            yield return ("label " + name, value);
        foreach ((string name, string value) in image.Target.ExtraHosts)
            yield return ("extra host " + name, value);
        foreach ((string name, string? value) in OfDemands(image.Target.Demands))
            yield return (name, value);
        foreach ((ImageName name, ImageDigest digest) in bases.OrderBy(b => b.Key))
            yield return (BaseField + name.Value, digest.Value);
        foreach ((string reference, string digest) in external.OrderBy(e => e.Key, StringComparer.Ordinal))
            yield return (ExternalField + reference, digest);
    }

    /// <summary>What can change the image; caches, and whether they are used, cannot. Nothing at all when nothing is asked.</summary>
    private static IEnumerable<(string Name, string? Value)> OfDemands(BuildDemands demands)
    {
        if (demands.SharedMemory is { } bytes)
            yield return ("shm_size", bytes.ToString(CultureInfo.InvariantCulture));
        foreach (ResourceLimit limit in demands.Limits.OrderBy(l => l.Name, StringComparer.Ordinal))
            yield return ("ulimit " + limit.Name, string.Create(CultureInfo.InvariantCulture, $"{limit.Soft}:{limit.Hard}"));
        foreach ((string name, string value) in demands.Annotations)
            yield return ("annotation " + name, value);
        if (demands.Sbom is { } sbom)
            yield return ("sbom", sbom);
        if (demands.Provenance is { } provenance)
            yield return ("provenance", provenance);
    }

    internal const string BaseField = "base ";
    internal const string ExternalField = "external base ";
}
