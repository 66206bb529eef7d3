using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>What a <c>from</c> leads to: a stage, an image, or neither (<c>scratch</c>).</summary>
internal readonly record struct FromTarget(int? Stage, ImageMention? Mention, string Text);

/// <summary>
/// All stages of a file with their bases resolved, reachable or not. Bases are looked for among the stages above, as BuildKit does it;
/// <c>--from</c> among all stages. The last of two stages with one name counts.
/// </summary>
internal sealed class StageOutline
{
    private readonly Dictionary<string, int> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Flag, FromTarget> _sources = new(ReferenceEqualityComparer.Instance);
    private readonly ImmutableArray<ImageMention>.Builder _mentions = ImmutableArray.CreateBuilder<ImageMention>();
    private readonly List<Diagnostic> _problems;

    public StageOutline(Dockerfile dockerfile, GlobalScope globals, List<Diagnostic> problems)
    {
        Dockerfile = dockerfile;
        _problems = problems;
        var bases = ImmutableArray.CreateBuilder<(FromTarget, string?, ImmutableArray<string>)>();
        foreach (Stage stage in dockerfile.Stages)
        {
            bases.Add(BaseOf(stage, globals));
            if (stage.Name is not null)
                _byName[stage.Name] = stage.Index;
        }
        Bases = bases.ToImmutable();
        foreach (Stage stage in dockerfile.Stages)
        {
            foreach (Instruction instruction in stage.Instructions)
                AddSources(stage, instruction.Trigger ?? instruction, instruction.Trigger is not null);
        }
        Mentions = [.. _mentions.OrderBy(m => m.Span.Start)];
    }

    public Dockerfile Dockerfile { get; }

    /// <summary>For each stage what it stands on, the value of its <c>--platform</c>, and the global names that both use.</summary>
    public ImmutableArray<(FromTarget Base, string? Platform, ImmutableArray<string> Used)> Bases { get; }

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<ImageMention> Mentions { get; }

    /// <summary>The stage to build; the last one when none is named.</summary>
    public int? Find(string? target) =>
        target is null ? Dockerfile.Stages.Length - 1 : _byName.TryGetValue(target, out int index) ? index : null;

    public bool IsStageInOtherCase(string text) => _byName.ContainsKey(text);

    /// <summary>What the <c>--from</c> flags and mounts of an instruction lead to; computed on demand for triggers that come from an image.</summary>
    public ImmutableArray<(Flag Flag, FromTarget Target)> SourcesOf(Stage stage, Instruction instruction)
    {
        var found = ImmutableArray.CreateBuilder<(Flag, FromTarget)>();
        foreach (Flag flag in instruction.Flags)
        {
            if (!_sources.TryGetValue(flag, out FromTarget target))
            {
                if (TargetOf(stage, instruction, flag, inTrigger: false) is not { } computed)
                    continue;
                target = computed;
            }
            found.Add((flag, target));
        }
        return found.ToImmutable();
    }

    private (FromTarget, string?, ImmutableArray<string>) BaseOf(Stage stage, GlobalScope globals)
    {
        Expansion text = WordExpansion.Expand(stage.Base.Text, globals.Get, Dockerfile.Escape);
        Expansion? platform = stage.From.Flag("platform")?.Value is { Length: > 0 } value ? WordExpansion.Expand(value, globals.Get, Dockerfile.Escape) : null;
        ImmutableArray<string> used = [.. text.Used, .. platform?.Used ?? []];
        foreach (string error in new[] { text.Error, platform?.Error }.OfType<string>())
            _problems.Add(DockerfileResolver.VariableProblem(stage.From, error));
        if (text.Error is null && text.Text.Length == 0 && stage.Base.Text.Length > 0)
        {
            _problems.Add(Diagnostic.Error(DiagnosticCode.DockerfileVariable, $"the base name `{stage.Base.Text}` is blank") with
            {
                At = stage.Base.Span,
                Label = "has no value here",
                Help = text.Unset.Length > 0 ? $"an `ARG {text.Unset[0]}=...` before the first `FROM`, or a build arg, gives it one" : null,
            });
        }
        if (platform is { Error: null } && BuildPlatform.TryParse(platform.Text) is null)
            _problems.Add(Diagnostic.Error(DiagnosticCode.DockerfileVariable, $"`{platform.Text}` is not a platform") with { At = stage.From.Flag("platform")!.Whole.Span, Help = "a platform is written as `linux/amd64`" });
        // Names of stages are kept in lower case, and FROM alone looks for its base as it is written.
        FromTarget target = _byName.TryGetValue(text.Text, out int parent) && Dockerfile.Stages[parent].Name == text.Text ? new FromTarget(parent, null, text.Text)
            : text.Text is "scratch" or "" ? new FromTarget(null, null, "scratch")
            : new FromTarget(null, Add(ImageMention.OfWord(MentionKind.From, stage.Index, stage.From, stage.Base, text.Text)), text.Text);
        return (target, platform?.Text, used);
    }

    private void AddSources(Stage stage, Instruction instruction, bool inTrigger)
    {
        foreach (Flag flag in instruction.Flags)
        {
            if (TargetOf(stage, instruction, flag, inTrigger) is not { } target)
                continue;
            if (target.Mention is not null)
                target = target with { Mention = Add(target.Mention with { InTrigger = inTrigger }) };
            _sources[flag] = target;
        }
    }

    private FromTarget? TargetOf(Stage stage, Instruction instruction, Flag flag, bool inTrigger)
    {
        switch (instruction.Name, flag.Name)
        {
            // A number in a trigger is a stage of the file that the trigger will run in.
            case ("COPY", "from") when inTrigger && StageNumber(flag.Value) is { } number && !IsStage(number):
                return null;
            case ("COPY", "from") when !string.IsNullOrEmpty(flag.Value):
                return Named(stage, instruction, flag, MentionKind.CopyFrom, flag.ValueStart, flag.Whole.Text.Length, flag.Value);
            case ("RUN", "mount"):
                RunMount.Field? from = RunMount.Fields(flag)?.LastOrDefault(f => f.Key == "from" && !string.IsNullOrEmpty(f.Value));
                return from is { Value: { } name } field ? Named(stage, instruction, flag, MentionKind.MountFrom, field.Start, field.End, name) : null;
            default:
                return null;
        }
    }

    private FromTarget Named(Stage stage, Instruction instruction, Flag flag, MentionKind kind, int start, int end, string text)
    {
        // Only COPY takes a number for a stage; a mount takes it for the name of an image.
        if (kind == MentionKind.CopyFrom && StageNumber(text) is { } index)
        {
            if (IsStage(index))
                return new FromTarget(index, null, text);
            _problems.Add(Diagnostic.Error(DiagnosticCode.UnknownStage, $"there is no stage {index}") with
            {
                At = flag.Whole.Span,
                Help = $"the stages are numbered from 0 to {Dockerfile.Stages.Length - 1}",
            });
            return new FromTarget(null, null, "scratch");
        }
        if (_byName.TryGetValue(text, out int named))
            return new FromTarget(named, null, text);
        return text == "scratch" ? new FromTarget(null, null, text)
            : new FromTarget(null, ImageMention.OfFlag(kind, stage.Index, instruction, flag, start, end, text), text);
    }

    private static int? StageNumber(string? text) => int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out int number) ? number : null;

    private bool IsStage(int number) => number >= 0 && number < Dockerfile.Stages.Length;

    private ImageMention Add(ImageMention mention)
    {
        _mentions.Add(mention);
        return mention;
    }
}
