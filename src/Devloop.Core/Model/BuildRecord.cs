using System.Collections.Immutable;

namespace Devloop.Model;

/// <summary>One of the named facts that make up a content key, besides the inputs.</summary>
/// <param name="Name">Such as <c>target</c> or <c>base api</c>.</param>
/// <param name="Hash">Of the value, which may be secret; null when there is none.</param>
public readonly record struct KeyField(string Name, string? Hash);

/// <summary>What an image was built from, to tell later what differs: a verifying trace, in the words of "Build systems à la carte".</summary>
/// <param name="Fields">Sorted by name, each name once.</param>
public sealed record BuildRecord(ContentKey Key, ImageDigest Digest, ImmutableArray<KeyField> Fields, ContextSnapshot Context);
