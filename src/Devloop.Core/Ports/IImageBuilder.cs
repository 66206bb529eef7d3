using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Builds images; the one adapter is BuildKit.</summary>
public interface IImageBuilder
{
    /// <summary>What the builder can do; asked once. Throws <see cref="EngineUnreachableException"/>.</summary>
    Task<BuilderAbilities> AbilitiesAsync(CancellationToken cancellationToken);

    /// <summary>Builds one image and leaves it without a tag where the image store of the same run finds it. Cancelling ends the build on the server too and throws.</summary>
    Task<BuildOutcome> BuildAsync(BuildOrder order, IProgress<BuildProgress> progress, CancellationToken cancellationToken);
}

/// <summary>One build to do: nothing in it is left to be looked up.</summary>
public sealed record BuildOrder
{
    public required ImageName Image { get; init; }

    /// <summary>Where a builder that keeps no images pushes this one; null for one that keeps it.</summary>
    public ImageReference? Repository { get; init; }

    /// <summary>The exact files to send.</summary>
    public required ContextSnapshot Context { get; init; }

    /// <summary>The Dockerfile's text, its bases pinned.</summary>
    public required string DockerfileText { get; init; }

    /// <summary>The path to name in messages.</summary>
    public required string DockerfileName { get; init; }

    public string? Target { get; init; }

    /// <summary>One, or several with commas between; null is the builder's own.</summary>
    public string? Platform { get; init; }

    /// <summary>What is built is an index, known by its own digest; else a manifest, known by its config's.</summary>
    public bool IsIndex { get; init; }

    /// <summary>Args with their values, those of the environment filled in.</summary>
    public ImmutableSortedDictionary<string, string> Args { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public string? Network { get; init; }

    public ImmutableSortedDictionary<string, string> ExtraHosts { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Files are absolute here.</summary>
    public ImmutableArray<BuildSecret> Secrets { get; init; } = [];

    /// <summary>Sockets are absolute here.</summary>
    public ImmutableArray<SshAgent> Ssh { get; init; } = [];

    /// <summary>What the builder can do of it was asked before: see <see cref="BuilderAbilities"/>.</summary>
    public BuildDemands Demands { get; init; } = BuildDemands.None;

    public bool Pull { get; init; }

    public bool NoCache { get; init; }
}

public abstract record BuildOutcome
{
    private BuildOutcome() { }

    public sealed record Built(ImageDigest Digest) : BuildOutcome;

    /// <summary>The user's or the world's fault; the diagnostics say which and where.</summary>
    public sealed record Failed(ImmutableArray<Diagnostic> Diagnostics) : BuildOutcome
    {
        /// <summary>True when the engine cannot be reached, so that the exit code tells the environment from the build.</summary>
        public bool Environment { get; init; }
    }

    /// <summary>The connection broke in mid-build: nobody knows what became of it, and the builder may be gone for a while.</summary>
    public sealed record Lost(Diagnostic Why) : BuildOutcome;

    /// <summary>A file changed between hashing and sending: the build counts for nothing.</summary>
    public sealed record Obsolete(string Path) : BuildOutcome;
}

/// <summary>What a build says while it runs.</summary>
public abstract record BuildProgress
{
    private BuildProgress() { }

    /// <param name="Step">Such as <c>[2/5] RUN make</c>.</param>
    public sealed record StepStarted(string Id, string Step) : BuildProgress;

    public sealed record StepFinished(string Id, string Step, TimeSpan Took, bool Cached, string? Error) : BuildProgress;

    /// <summary>One whole line of output of a step.</summary>
    public sealed record Output(string Id, string Line, bool IsError) : BuildProgress;

    /// <summary>A transfer of layers, of a step or of a push or pull.</summary>
    /// <param name="Id">The step's; of a push or pull the layer's.</param>
    /// <param name="Name">What moves, or what is done to the layer.</param>
    /// <param name="Current">In bytes.</param>
    /// <param name="Total">In bytes; 0 when it is not known.</param>
    public sealed record Transfer(string Id, string Name, long Current, long Total, bool Done) : BuildProgress;

    /// <summary>The context on its way to the builder, told some times a second and once when it is over.</summary>
    /// <param name="Files">Files that were sent whole.</param>
    /// <param name="Bytes">Bytes that were sent.</param>
    /// <param name="Total">Bytes of the files that were asked for so far.</param>
    public sealed record Upload(int Files, long Bytes, long Total, bool Done) : BuildProgress;

    /// <summary>What BuildKit warns of.</summary>
    public sealed record Warning(string Text, int? Line) : BuildProgress;
}
