using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Which key led to which digest; survives restarts and crashes, and several devloops at once.</summary>
public interface IKeyStore
{
    ImageDigest? Find(ContentKey key);

    void Record(ContentKey key, ImageDigest digest);
}
