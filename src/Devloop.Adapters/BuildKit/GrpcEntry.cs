namespace Devloop.Adapters.BuildKit;

/// <summary>How BuildKit's gRPC begins on a fresh connection.</summary>
public enum GrpcEntry
{
    /// <summary>After the upgrade of a Docker Engine.</summary>
    EngineUpgrade,

    /// <summary>At once, as with buildkitd itself.</summary>
    Direct,
}
