using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>Stands in for an engine that does not answer, where a command has something to say without one: it has no images.</summary>
/// <param name="why">What keeps the engine from answering.</param>
internal sealed class NoEngine(Diagnostic why) : IImageStore
{
    public Task<EngineProbe> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult<EngineProbe>(new EngineProbe.Unreachable(why));

    public Task<ImageDigest?> FindAsync(string digestOrReference, CancellationToken cancellationToken) => Task.FromResult<ImageDigest?>(null);

    public Task<BaseImage?> DescribeAsync(string digestOrReference, CancellationToken cancellationToken) => Task.FromResult<BaseImage?>(null);

    public Task<bool> TagAsync(ImageDigest digest, ImageReference reference, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<PushOutcome> PushAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken) =>
        Task.FromResult<PushOutcome>(new PushOutcome.Failed(why));

    public Task<PullOutcome> PullAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken) =>
        Task.FromResult<PullOutcome>(new PullOutcome.Failed(why));
}
