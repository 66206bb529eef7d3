using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>A buildable image as the config declares it. Paths are relative to the project, with <c>/</c>.</summary>
public sealed record ImageTarget
{
    public required ImageName Name { get; init; }

    public required ImageSelector Selector { get; init; }

    /// <summary>The directory the build reads from; <c>.</c> is the project's own.</summary>
    public required string Context { get; init; }

    /// <summary>The path of the Dockerfile; null when <see cref="DockerfileInline"/> is given.</summary>
    public string? Dockerfile { get; init; }

    public string? DockerfileInline { get; init; }

    /// <summary>Build args; a null value is taken from the environment, as <c>docker build --build-arg NAME</c> does.</summary>
    public ImmutableSortedDictionary<string, string?> Args { get; init; } = ImmutableSortedDictionary<string, string?>.Empty.WithComparers(StringComparer.Ordinal);

    public string? Target { get; init; }

    /// <summary>Such as <c>linux/amd64</c>; null is the builder's own.</summary>
    public string? Platform { get; init; }

    /// <summary>Two or more, in the order of the config: the image is an index of one for each; empty for an image of one platform.</summary>
    public ImmutableArray<string> Platforms { get; init; } = [];

    /// <summary>What is built is an index, and is known by the index's digest.</summary>
    public bool IsIndex => !Platforms.IsEmpty || Demands.Sbom is not null || Demands.Provenance is not null;

    /// <summary>Patterns in the language of <c>.dockerignore</c>, relative to the context: taken out of the inputs.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>Paths relative to the context: when there are any, nothing else is an input.</summary>
    public ImmutableArray<string> Only { get; init; } = [];

    /// <summary>Replaces the command of every container that runs the image.</summary>
    public Command? Entrypoint { get; init; }

    /// <summary>Replaces the arguments of every container that runs the image; null leaves them.</summary>
    public ImmutableArray<string>? ContainerArgs { get; init; }

    /// <summary>The network of RUN: <c>none</c>, <c>host</c> or null.</summary>
    public string? Network { get; init; }

    /// <summary>Host name to address, for RUN.</summary>
    public ImmutableSortedDictionary<string, string> ExtraHosts { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>What stands for an image that the Dockerfile names so, instead of what it would mean by itself.</summary>
    public ImmutableSortedDictionary<string, NamedContext> Contexts { get; init; } = ImmutableSortedDictionary<string, NamedContext>.Empty.WithComparers(StringComparer.Ordinal);

    public ImmutableArray<BuildSecret> Secrets { get; init; } = [];

    public ImmutableArray<SshAgent> Ssh { get; init; } = [];

    /// <summary>What is asked of the builder beyond the Dockerfile language.</summary>
    public BuildDemands Demands { get; init; } = BuildDemands.None;

    /// <summary>How edits come to running containers; null: by images alone.</summary>
    public LiveUpdate? LiveUpdate { get; init; }

    /// <summary>Further names that the image gets in the engine.</summary>
    public ImmutableArray<ImageReference> Tags { get; init; } = [];

    /// <summary>Ask the registry for newer versions of the external bases.</summary>
    public bool Pull { get; init; }

    /// <summary>Replace references to this image in the environment values of containers too.</summary>
    public bool MatchInEnv { get; init; }

    /// <summary>The image that takes these files by a named context; null for an image of the config.</summary>
    public ImageName? ContextOf { get; init; }

    /// <summary>Where the config names the image.</summary>
    public SourceSpan? At { get; init; }
}

/// <summary>A command line: words, or one text for <c>/bin/sh -c</c>.</summary>
public sealed record Command(ImmutableArray<string> Words)
{
    public static Command Shell(string text) => new(["/bin/sh", "-c", text]);

    public bool Equals(Command? other) => other is not null && Words.SequenceEqual(other.Words);

    public override int GetHashCode() => Words.Aggregate(0, HashCode.Combine);
}
