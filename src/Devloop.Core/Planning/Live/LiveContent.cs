using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>A file of a context, which may be that of a base.</summary>
/// <param name="Path">Relative to the context of the image, with <c>/</c>.</param>
public readonly record struct LivePath(ImageName Image, string Path) : IComparable<LivePath>
{
    public int CompareTo(LivePath other) => Image.CompareTo(other.Image) is not 0 and var order ? order : string.CompareOrdinal(Path, other.Path);
}

/// <summary>What an image and its bases of the project have of their contexts: as one was built from them, or as a container is to show them.</summary>
/// <param name="Contexts">By image: the one that is deployed, and each of its bases, also through others.</param>
public sealed record LiveContent(ImmutableSortedDictionary<ImageName, ContextSnapshot> Contexts)
{
    /// <summary>Whether both have the same files.</summary>
    public bool SameAs(LiveContent other) =>
        ReferenceEquals(this, other)
        || (Contexts.Count == other.Contexts.Count && Contexts.All(c => other.Contexts.TryGetValue(c.Key, out ContextSnapshot? there) && there.Hash == c.Value.Hash));
}
