using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>A Dockerfile as it is written; <see cref="DockerfileResolver"/> gives variables their values.</summary>
public sealed record Dockerfile
{
    public required SourceText Source { get; init; }

    /// <summary>The character that escapes and continues lines: a backslash, or a backtick after <c># escape=`</c>.</summary>
    public char Escape { get; init; } = '\\';

    /// <summary>The <c># name=value</c> lines at the top, names in lower case.</summary>
    public ImmutableArray<ParserDirective> Directives { get; init; } = [];

    /// <summary>The ARG instructions before the first FROM.</summary>
    public ImmutableArray<Instruction> GlobalArgs { get; init; } = [];

    public ImmutableArray<Stage> Stages { get; init; } = [];

    /// <summary>The frontend that <c># syntax=</c> names; an image too, but one that BuildKit itself fetches.</summary>
    public ParserDirective? Syntax => Directives.FirstOrDefault(d => d.Name == "syntax");

    public IEnumerable<Instruction> Instructions => GlobalArgs.Concat(Stages.SelectMany(s => s.Instructions.Prepend(s.From)));
}

/// <param name="ValueSpan">Where the value stands.</param>
public sealed record ParserDirective(string Name, string Value, SourceSpan ValueSpan);

/// <summary>What begins with a FROM.</summary>
/// <param name="Index">From 0, in the order of the file.</param>
/// <param name="Name">What <c>AS</c> gives it, in lower case; null without.</param>
/// <param name="Base">The word that names the base, not expanded.</param>
/// <param name="Instructions">Those after FROM.</param>
public sealed record Stage(int Index, string? Name, Word Base, Instruction From, ImmutableArray<Instruction> Instructions)
{
    /// <summary>The name for people: its own, or its number.</summary>
    public string Label => Name ?? $"{Index}";
}
