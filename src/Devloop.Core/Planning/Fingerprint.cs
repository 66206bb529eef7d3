using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>An image at one moment: its key, and all that a build of exactly this needs.</summary>
/// <param name="Bases">The digests of its bases, to pin them.</param>
public sealed record Fingerprint(ContentKey Key, ContextSnapshot Context, ImmutableSortedDictionary<ImageName, ImageDigest> Bases);
