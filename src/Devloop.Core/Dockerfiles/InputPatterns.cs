using System.Collections.Immutable;
using Devloop.Diagnostics;

namespace Devloop.Dockerfiles;

/// <summary>
/// What a build of a target could read from its context: sources of COPY and ADD in the stages it needs, and bind mounts of RUN.
/// Addresses, heredocs and copies from stages and images are not among them. A source whose variables may come from an external base of
/// which nothing is known counts as the whole context: too much is safe, too little would lose an edit.
/// </summary>
public sealed record InputPatterns(ImmutableArray<InputPattern> Patterns)
{
    /// <summary>Some instruction reads all of the context.</summary>
    public bool IsEverything => Patterns.Any(p => p.IsEverything);

    public static InputPatterns Of(ResolvedDockerfile dockerfile)
    {
        var patterns = ImmutableArray.CreateBuilder<InputPattern>();
        foreach (ResolvedInstruction instruction in dockerfile.Stages.SelectMany(s => s.Instructions))
        {
            if (instruction.ReadsContext)
                AddSources(instruction, patterns);
            foreach (ResolvedMount mount in instruction.Mounts.Where(m => m.Type == "bind" && m is { FromStage: null, FromImage: null }))
                patterns.Add(InputPattern.Of(instruction.IsUncertain ? "" : mount.Source ?? "", instruction.Instruction));
        }
        return new InputPatterns([.. patterns.DistinctBy(p => (p.Identity, p.Instruction))]);
    }

    /// <summary>What any of several builds reads.</summary>
    public static InputPatterns Union(IEnumerable<InputPatterns> all) =>
        new([.. all.SelectMany(p => p.Patterns).DistinctBy(p => (p.Identity, p.Instruction))]);

    /// <summary>What a build of the target could read from a source other than its context, by the mentions that name it.</summary>
    public static InputPatterns From(ResolvedDockerfile dockerfile, Func<ImageMention, bool> isSource)
    {
        var patterns = ImmutableArray.CreateBuilder<InputPattern>();
        foreach (ResolvedStage stage in dockerfile.Stages)
        {
            foreach (ImageMention mention in stage.Mentions.Where(isSource))
            {
                if (mention.Kind == MentionKind.From)
                    patterns.Add(InputPattern.Of("", mention.Instruction));
                foreach (ResolvedInstruction resolved in stage.Instructions.Where(i => ReferenceEquals(i.Instruction, mention.Instruction)))
                {
                    if (mention.Kind == MentionKind.CopyFrom)
                        AddSources(resolved, patterns);
                    foreach (ResolvedMount mount in resolved.Mounts.Where(m => m.FromImage == mention.Text))
                        patterns.Add(InputPattern.Of(resolved.IsUncertain ? "" : mount.Source ?? "", resolved.Instruction));
                }
            }
        }
        // What a trigger takes is decided where it runs.
        foreach (ImageMention mention in dockerfile.InTriggers.Where(isSource))
            patterns.Add(InputPattern.Of("", mention.Instruction));
        return new InputPatterns([.. patterns.DistinctBy(p => (p.Identity, p.Instruction))]);
    }

    /// <summary>Reads and resolves in one go.</summary>
    public static Parsed<InputPatterns> Of(Dockerfile dockerfile, BuildVariables variables)
    {
        Parsed<ResolvedDockerfile> resolved = DockerfileResolver.Resolve(dockerfile, variables);
        return new(resolved.Value is null ? null : Of(resolved.Value), resolved.Diagnostics);
    }

    private static void AddSources(ResolvedInstruction resolved, ImmutableArray<InputPattern>.Builder patterns)
    {
        Instruction instruction = resolved.Instruction;
        IgnoreRules? excludes = resolved.Excludes.IsEmpty || resolved.IsUncertain ? null : IgnoreRules.Of(resolved.Excludes).Value;
        bool parents = instruction.Flag("parents") is { } flag && !"false".Equals(flag.Value, StringComparison.OrdinalIgnoreCase);
        for (int i = 0; i < resolved.Words.Length - 1; i++)
        {
            string source = resolved.Words[i];
            if (!instruction.IsJson && instruction.Heredocs.Length > 0 && HeredocWords.Parse(instruction.Words[i].Text) is not null)
                continue;
            if (instruction.Name == "ADD" && IsAddress(source) && !resolved.IsUncertain)
                continue;
            patterns.Add(InputPattern.Of(resolved.IsUncertain && instruction.Words[i].Text.Contains('$') ? "" : source, instruction, excludes, parents));
        }
    }

    /// <summary>A file or a git repository that ADD fetches.</summary>
    internal static bool IsAddress(string source) =>
        source.StartsWith("git@", StringComparison.Ordinal)
        || new[] { "http://", "https://", "git://", "ssh://" }.Any(scheme => source.StartsWith(scheme, StringComparison.Ordinal));
}
