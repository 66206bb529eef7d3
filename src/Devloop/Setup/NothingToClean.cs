using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>Stands where there is no engine: a BuildKit of its own keeps no images, and its cache, which others share, it bounds by itself.</summary>
internal sealed class NothingToClean : IEngineCleaning
{
    public Task<EngineContent> ListAsync(CancellationToken cancellationToken) => Task.FromResult(new EngineContent([], 0, 0));

    public Task<DateTimeOffset?> NamedAtAsync(ImageDigest digest, CancellationToken cancellationToken) => Task.FromResult<DateTimeOffset?>(null);

    public Task<EngineRemoval> RemoveAsync(ImageReference reference, CancellationToken cancellationToken) => Task.FromResult(EngineRemoval.Absent);

    public Task<long> PruneCacheAsync(CancellationToken cancellationToken) => Task.FromResult(0L);
}
