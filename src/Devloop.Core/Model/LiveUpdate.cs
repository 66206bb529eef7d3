using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>When the process of a container that was changed is started again, in the same container.</summary>
public enum RestartPolicy
{
    /// <summary>Never: it sees by itself what changed.</summary>
    Never,

    /// <summary>When what runs in the container would not notice the change.</summary>
    Auto,

    /// <summary>After every change.</summary>
    Always,
}

/// <summary>When the image is built whose content running containers have already.</summary>
public enum LiveImagePolicy
{
    /// <summary>Once the edits pause, so that the next pod can start from it.</summary>
    Background,

    /// <summary>When a container starts again or a pod is replaced.</summary>
    OnRestart,

    /// <summary>Not for what containers can be given.</summary>
    Never,
}

/// <summary>How edits come to running containers of an image without a build, as the config says it.</summary>
public abstract record LiveUpdate
{
    private LiveUpdate() { }

    public RestartPolicy Restart { get; init; }

    public LiveImagePolicy Image { get; init; }

    /// <summary>Where the config says it.</summary>
    public SourceSpan? At { get; init; }

    /// <summary>By steps of the config.</summary>
    public sealed record Declared : LiveUpdate
    {
        /// <summary>In the order of the config: the first one that a path is below counts.</summary>
        public ImmutableArray<SyncStep> Syncs { get; init; } = [];

        /// <summary>In the order in which they run.</summary>
        public ImmutableArray<RunStep> Runs { get; init; } = [];

        /// <summary>What is built whenever it changes, whatever else could be done.</summary>
        public ImmutableArray<FallBackStep> FallBackOn { get; init; } = [];

        /// <summary>A container gets all synced files as soon as it is seen, not only those that changed since its image was built.</summary>
        public bool InitialSync { get; init; }
    }

    /// <summary>By what the Dockerfile says.</summary>
    public sealed record Inferred : LiveUpdate;
}

/// <summary>Files that containers get as they are here.</summary>
/// <param name="From">A file or directory, relative to the project.</param>
/// <param name="To">Absolute in the container; for a file, a slash at the end keeps its name.</param>
public sealed record SyncStep(string From, string To, SourceSpan? At);

/// <summary>A command that runs in the container after its files were changed.</summary>
/// <param name="On">Paths and patterns relative to the project: it runs when one of them changed; empty is always.</param>
public sealed record RunStep(CommandWords Command, ImmutableArray<string> On, SourceSpan? At);

/// <summary>A change of such a file is never given to containers: the image is built.</summary>
/// <param name="Path">A path or pattern, relative to the project.</param>
public sealed record FallBackStep(string Path, SourceSpan? At);
