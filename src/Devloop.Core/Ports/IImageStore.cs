using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>The images that were built: in the engine that builds, or in the registry that a builder without a store pushes to.</summary>
public interface IImageStore
{
    /// <summary>Whether the engine answers, and who it is.</summary>
    Task<EngineProbe> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Whether an image is there, by its digest or by a reference.</summary>
    Task<ImageDigest?> FindAsync(string digestOrReference, CancellationToken cancellationToken);

    /// <summary>What a build on an image takes from its config; null when the engine does not have it.</summary>
    Task<BaseImage?> DescribeAsync(string digestOrReference, CancellationToken cancellationToken);

    /// <summary>Gives an image one more name. False when the image is not there.</summary>
    Task<bool> TagAsync(ImageDigest digest, ImageReference reference, CancellationToken cancellationToken);

    /// <summary>Pushes a reference that the engine has to the registry that its domain names; only layers that lack there travel.</summary>
    Task<PushOutcome> PushAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken);

    /// <summary>Fetches a reference from the registry that its domain names; only layers that lack here travel.</summary>
    Task<PullOutcome> PullAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken);
}

public abstract record EngineProbe
{
    private EngineProbe() { }

    /// <param name="Id">The engine's own id, to tell whether a node runs on it.</param>
    /// <param name="Version">Such as <c>20.10.24</c>.</param>
    /// <param name="Platform">Such as <c>linux/amd64</c>.</param>
    public sealed record Reached(string Id, string Version, string Platform) : EngineProbe;

    public sealed record Unreachable(Diagnostic Why) : EngineProbe;
}

public abstract record PushOutcome
{
    private PushOutcome() { }

    /// <param name="ManifestDigest">What the registry calls the manifest.</param>
    public sealed record Pushed(string ManifestDigest) : PushOutcome;

    public sealed record Failed(Diagnostic Why) : PushOutcome;
}

public abstract record PullOutcome
{
    private PullOutcome() { }

    /// <summary>The engine has the image under the reference.</summary>
    public sealed record Pulled : PullOutcome;

    public sealed record Failed(Diagnostic Why) : PullOutcome;
}

/// <summary>The engine gave no answer; every verb of the image store may throw it.</summary>
public sealed class EngineUnreachableException(Diagnostic diagnostic, Exception? inner = null) : Exception(diagnostic.Message, inner)
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}
