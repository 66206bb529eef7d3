using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Which key led to which digest; survives restarts and crashes, and several devloops at once.</summary>
public interface IKeyStore
{
    ImageDigest? Find(ContentKey key);

    /// <summary>
    /// Files a digest under a key; the first one stays, so that the same key means the same digest to everybody. Gives the digest that is
    /// filed now, this one or an earlier one.
    /// </summary>
    /// <param name="replaces">The digest that gives way when it stands there: the engine lost it, or the user asked for a build in its place.</param>
    ImageDigest Record(ContentKey key, ImageDigest digest, ImageDigest? replaces = null);
}
