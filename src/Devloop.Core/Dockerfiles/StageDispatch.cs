using System.Collections.Immutable;
using Devloop.Diagnostics;

namespace Devloop.Dockerfiles;

/// <summary>Runs through the stages in the order of the file and gives each instruction the values its variables have there.</summary>
internal sealed class StageDispatch(StageOutline outline, StageReach reach, GlobalScope globals, BuildVariables variables, List<Diagnostic> problems)
{
    private readonly Dictionary<int, StageEnvironment> _ends = [];
    private readonly SortedSet<string> _usedArgs = new(StringComparer.Ordinal);
    private readonly char _escape = outline.Dockerfile.Escape;

    public ImmutableArray<string> UsedArgs => [.. _usedArgs];

    public ResolvedStage Run(int index)
    {
        Stage stage = outline.Dockerfile.Stages[index];
        (FromTarget parent, string? platform, ImmutableArray<string> used) = outline.Bases[index];
        foreach (string name in used)
            _usedArgs.UnionWith(globals.BuiltFrom(name));
        if (parent.Mention is { Reference: null } wrong)
            problems.Add(DockerfileReader.Problem(wrong.Span, $"`{wrong.Text}` is not an image reference", help: outline.IsStageInOtherCase(wrong.Text)
                ? $"`FROM` names a stage in lower case: `{wrong.Text.ToLowerInvariant()}`" : "a reference is written as `[registry/]name[:tag][@digest]`, in lower case"));

        StageEnvironment environment = parent.Stage is { } below && _ends.TryGetValue(below, out StageEnvironment? inherited) ? inherited.Child()
            : parent.Mention is null ? StageEnvironment.OfScratch()
            : StageEnvironment.OfImage(variables.BaseImages.GetValueOrDefault(parent.Text));
        var instructions = ImmutableArray.CreateBuilder<ResolvedInstruction>();
        var mentions = ImmutableArray.CreateBuilder<ImageMention>();
        if (parent.Mention is not null)
            mentions.Add(parent.Mention);
        int triggers = reach.TriggersOf(index).Length;
        foreach (Instruction instruction in reach.TriggersOf(index).Concat(stage.Instructions))
        {
            var one = new InstructionDispatch(instruction, environment, _escape, problems);
            ImmutableArray<(Flag Flag, FromTarget Target)> sources = outline.SourcesOf(stage, instruction);
            if (instruction.Name != "ONBUILD")
                mentions.AddRange(sources.Select(s => s.Target.Mention).OfType<ImageMention>());
            ResolvedInstruction resolved = instruction.Name == "ARG" ? Declare(instruction, environment, one) : one.Run(sources);
            instructions.Add(resolved with { IsTrigger = instructions.Count < triggers });
        }
        _ends[index] = environment;
        return new ResolvedStage(stage, parent.Stage, parent.Text, platform, instructions.ToImmutable(), mentions.ToImmutable());
    }

    /// <summary>A build arg wins; then the default; then, without a default, the global ARG of the same name.</summary>
    private ResolvedInstruction Declare(Instruction instruction, StageEnvironment environment, InstructionDispatch one)
    {
        var pairs = ImmutableArray.CreateBuilder<NamedValue>();
        foreach (NamedValue arg in instruction.Pairs)
        {
            string? value;
            if (variables.Args.TryGetValue(arg.Name, out string? given))
            {
                value = given;
                _usedArgs.Add(arg.Name);
            }
            else if (arg.Value is not null)
            {
                value = one.Expand(arg.Value);
            }
            else
            {
                value = globals.Get(arg.Name);
                _usedArgs.UnionWith(globals.BuiltFrom(arg.Name));
            }
            if (value is not null)
                environment.Set(arg.Name, value);
            pairs.Add(new NamedValue(arg.Name, value));
        }
        return new ResolvedInstruction { Instruction = instruction, Pairs = pairs.ToImmutable(), IsUncertain = one.IsUncertain };
    }
}
