using Devloop.Model;

namespace Devloop.Planning;

/// <summary>The image that a key led to before, here or on another machine.</summary>
/// <param name="InEngine">The engine that builds has it.</param>
/// <param name="Published">The registry has it under the key.</param>
public sealed record KnownImage(ImageDigest Digest, bool InEngine, bool Published);
