using System.Collections.Immutable;

namespace Devloop.Dockerfiles;

/// <summary>A Dockerfile for one build: variables have values, stages know what they stand on.</summary>
public sealed class ResolvedDockerfile
{
    internal ResolvedDockerfile(Dockerfile dockerfile, ImmutableArray<ImageMention> mentions, ImmutableArray<ResolvedStage> stages, ResolvedStage target, ImmutableArray<string> usedArgs, BuildPlatform platform) =>
        (Dockerfile, Mentions, Stages, Target, UsedArgs, Platform) = (dockerfile, mentions, stages, target, usedArgs, platform);

    public Dockerfile Dockerfile { get; }

    /// <summary>Every image that the file names, in all stages, in the order of the file.</summary>
    public ImmutableArray<ImageMention> Mentions { get; }

    /// <summary>The stages that the target needs, in the order of the file; the target is one of them.</summary>
    public ImmutableArray<ResolvedStage> Stages { get; }

    public ResolvedStage Target { get; }

    /// <summary>The names of the given build args that the target's build reads, sorted.</summary>
    public ImmutableArray<string> UsedArgs { get; }

    /// <summary>What the target is built for.</summary>
    public BuildPlatform Platform { get; }

    /// <summary>The images that a build of the target reads: its bases.</summary>
    public ImmutableArray<ImageMention> Bases => [.. Stages.SelectMany(s => s.Mentions).Distinct().OrderBy(m => m.Span.Start)];

    /// <summary>The images that ONBUILD of the target names: they go into the image's config, and what is built on the image reads them.</summary>
    public IEnumerable<ImageMention> InTriggers => Mentions.Where(m => m.InTrigger && m.Stage == Target.Index);
}

/// <summary>A stage that the target needs.</summary>
/// <param name="Parent">The index of the stage it stands on; null when that is an image or <c>scratch</c>.</param>
/// <param name="BaseText">The base with variables in place.</param>
/// <param name="Platform">The value of <c>--platform</c>, or null.</param>
/// <param name="Instructions">With the triggers of its base first.</param>
/// <param name="Mentions">The images that it reads.</param>
public sealed record ResolvedStage(
    Stage Stage, int? Parent, string BaseText, string? Platform, ImmutableArray<ResolvedInstruction> Instructions, ImmutableArray<ImageMention> Mentions)
{
    public int Index => Stage.Index;
}

/// <summary>An instruction with the values that its variables have where it stands.</summary>
public sealed record ResolvedInstruction
{
    public required Instruction Instruction { get; init; }

    /// <summary>The words of instructions that BuildKit expands; the words as written for all others.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>ENV and LABEL expanded; ARG with the value it has from here on, null when it has none.</summary>
    public ImmutableArray<NamedValue> Pairs { get; init; } = [];

    /// <summary>The values of <c>--exclude</c>.</summary>
    public ImmutableArray<string> Excludes { get; init; } = [];

    public ImmutableArray<ResolvedMount> Mounts { get; init; } = [];

    /// <summary>The bodies of heredocs as the build sees them.</summary>
    public ImmutableArray<string> Bodies { get; init; } = [];

    /// <summary>The index of the stage that <c>COPY --from</c> names.</summary>
    public int? FromStage { get; init; }

    /// <summary>The image that <c>COPY --from</c> names.</summary>
    public string? FromImage { get; init; }

    /// <summary>It comes from ONBUILD of the base.</summary>
    public bool IsTrigger { get; init; }

    /// <summary>A variable in it may have a value from an external base of which nothing is known.</summary>
    public bool IsUncertain { get; init; }

    public bool ReadsContext => Instruction.Name is "COPY" or "ADD" && FromStage is null && FromImage is null;
}

/// <param name="Type">bind, cache, tmpfs, secret or ssh.</param>
/// <param name="Source">The path to mount; null is the root.</param>
public sealed record ResolvedMount(string Type, string? Source, int? FromStage, string? FromImage);
