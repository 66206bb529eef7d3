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
    private const string Format = "devloop-key-1";

    /// <param name="external">What each external base resolves to on this engine, by the reference as resolved.</param>
    public static ContentKey Of(ImageDefinition image, ContextSnapshot context, IReadOnlyDictionary<ImageName, ImageDigest> bases, IReadOnlyDictionary<string, string> external)
    {
        using FieldHash hash = new FieldHash().Add("format", Format);
        hash.Add("dockerfile", image.ReducedDockerfile);
        hash.Add("target", image.Target.Target);
        hash.Add("platform", image.Target.Platform);
        hash.Add("network", image.Target.Network);
        foreach ((string name, string value) in image.UsedArgs)
            hash.Add("arg " + name, value);
        foreach ((string name, string value) in image.Target.Labels)
            hash.Add("label " + name, value);
        foreach ((string name, string value) in image.Target.ExtraHosts)
            hash.Add("host " + name, value);
        foreach ((ImageName name, ImageDigest digest) in bases.OrderBy(b => b.Key))
            hash.Add("base " + name.Value, digest.Value);
        foreach ((string reference, string digest) in external.OrderBy(e => e.Key, StringComparer.Ordinal))
            hash.Add("external " + reference, digest);
        foreach (ContextEntry entry in context.Entries)
            hash.Add(Describe(entry), entry.Kind == EntryKind.Symlink ? entry.LinkTarget : entry.Hash);
        return new ContentKey(hash.ToHex());
    }

    /// <summary>Kind, path and the mode bits that BuildKit keeps; a link's own mode means nothing.</summary>
    private static string Describe(ContextEntry entry) => entry.Kind switch
    {
        EntryKind.Symlink => "link " + entry.Path,
        EntryKind.Directory => string.Create(CultureInfo.InvariantCulture, $"directory {entry.Mode:x} {entry.Path}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"file {entry.Mode:x} {entry.Path}"),
    };
}
