using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.BuildKit;

/// <summary>Where builds leave their images.</summary>
public abstract class ImageExport
{
    private protected ImageExport() { }

    /// <summary>Asks for it in a request.</summary>
    internal abstract Task AddToAsync(SolveRequest solve, BuildOrder order, BuildKitConnection connection, CancellationToken cancellationToken);

    /// <summary>The image of a build that ended well.</summary>
    /// <param name="answer">What the exporter said.</param>
    internal abstract Task<ImageDigest> ResultAsync(BuildOrder order, IDictionary<string, string> answer, CancellationToken cancellationToken);

    private protected static string ManifestOf(IDictionary<string, string> answer) =>
        answer.TryGetValue("containerimage.digest", out string? digest) ? digest : throw new GrpcException(GrpcCode.Internal, "the build ended without an image");
}

/// <summary>The image store of the Docker Engine that BuildKit is part of.</summary>
/// <param name="learn">Is told which id the engine has for what was built; the two differ where containerd keeps the images.</param>
public sealed class EngineExport(Action<ImageDigest, string>? learn = null) : ImageExport
{
    /// <summary>A worker of an engine has this label when containerd keeps the images.</summary>
    internal const string SnapshotterLabel = "org.mobyproject.buildkit.worker.snapshotter";

    private Task<bool>? _ofContainerd;

    internal override async Task AddToAsync(SolveRequest solve, BuildOrder order, BuildKitConnection connection, CancellationToken cancellationToken)
    {
        solve.Exporter = "moby";
        if (_ofContainerd is not { IsCompletedSuccessfully: true })
            _ofContainerd = IsOfContainerdAsync(connection, cancellationToken);
        // That store keeps layers as they are pushed, and to compress what stays on this machine is half of a build's time.
        if (await _ofContainerd.ConfigureAwait(false))
            solve.ExporterAttrs["compression"] = "uncompressed";
    }

    /// <summary>Engines from 23.0 on tell the config's digest by that name; before, <c>containerimage.digest</c> is it.</summary>
    internal override Task<ImageDigest> ResultAsync(BuildOrder order, IDictionary<string, string> answer, CancellationToken cancellationToken)
    {
        string id = ManifestOf(answer);
        var digest = new ImageDigest(!order.IsIndex && answer.TryGetValue("containerimage.config.digest", out string? config) ? config : id);
        learn?.Invoke(digest, id);
        return Task.FromResult(digest);
    }

    private static async Task<bool> IsOfContainerdAsync(BuildKitConnection connection, CancellationToken cancellationToken)
    {
        ListWorkersResponse workers = await connection.ListWorkersAsync(cancellationToken).ConfigureAwait(false);
        return workers.Record.Any(w => w.Labels.ContainsKey(SnapshotterLabel));
    }
}

/// <summary>A registry, for a BuildKit that keeps no images: it pushes them by their digests, and the store gives them their tags.</summary>
/// <param name="insecure">The registry may be spoken to in the clear.</param>
public sealed class RegistryExport(IRegistry registry, RegistryImageStore store, bool insecure) : ImageExport
{
    internal override Task AddToAsync(SolveRequest solve, BuildOrder order, BuildKitConnection connection, CancellationToken cancellationToken)
    {
        solve.Exporter = "image";
        solve.ExporterAttrs["name"] = RepositoryOf(order).Name;
        solve.ExporterAttrs["push"] = "true";
        solve.ExporterAttrs["push-by-digest"] = "true";
        if (insecure)
            solve.ExporterAttrs["registry.insecure"] = "true";
        return Task.CompletedTask;
    }

    /// <summary>Read back from the registry: what it has is what counts, and older versions of BuildKit do not tell the config's digest.</summary>
    internal override async Task<ImageDigest> ResultAsync(BuildOrder order, IDictionary<string, string> answer, CancellationToken cancellationToken)
    {
        ImageReference repository = RepositoryOf(order);
        string manifest = ManifestOf(answer);
        RegistryImage image = await registry.FindAsync(repository with { Digest = manifest }, order.Platform?.Split(',')[0] ?? "linux/amd64", cancellationToken).ConfigureAwait(false)
            ?? throw new GrpcException(GrpcCode.Internal, $"the registry does not have the image `{manifest}` that was pushed");
        if (order.IsIndex)
            image = image with { Digest = new ImageDigest(manifest) };
        store.Add(repository, image);
        return image.Digest;
    }

    private static ImageReference RepositoryOf(BuildOrder order) => order.Repository ?? throw new ArgumentException("a builder that keeps no images must be told where to push", nameof(order));
}
