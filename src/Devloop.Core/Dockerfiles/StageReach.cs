using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>Which stages a target needs, and which triggers run in each: those of a stage it stands on, or of a base image.</summary>
internal sealed class StageReach(StageOutline outline, BuildVariables variables, List<Diagnostic> problems)
{
    private readonly Dictionary<int, ImmutableArray<Instruction>> _triggers = [];

    public IEnumerable<int> Stages => _triggers.Keys;

    public ImmutableArray<Instruction> TriggersOf(int stage) => _triggers[stage];

    public void Visit(int target)
    {
        var open = new Stack<int>([target]);
        while (open.TryPop(out int index))
        {
            if (_triggers.ContainsKey(index))
                continue;
            Stage stage = outline.Dockerfile.Stages[index];
            FromTarget parent = outline.Bases[index].Base;
            ImmutableArray<Instruction> triggers = parent.Stage is { } parentIndex
                ? [.. outline.Dockerfile.Stages[parentIndex].Instructions.Select(i => i.Trigger).OfType<Instruction>()]
                : ImageTriggers(parent.Text);
            _triggers[index] = triggers;
            if (parent.Stage is { } below)
                open.Push(below);
            foreach (Instruction instruction in triggers.Concat(stage.Instructions))
            {
                foreach ((Flag flag, FromTarget source) in outline.SourcesOf(stage, instruction))
                {
                    if (source.Stage is not { } needed)
                        continue;
                    if (needed >= index)
                        problems.Add(DockerfileReader.Problem(flag.Whole.Span, $"stage `{source.Text}` must be defined before stage `{stage.Label}`, which copies from it"));
                    else
                        open.Push(needed);
                }
            }
        }
    }

    private ImmutableArray<Instruction> ImageTriggers(string image)
    {
        if (variables.BaseImages.GetValueOrDefault(image) is not { } known)
            return [];
        return [.. known.OnBuild.Select(text => DockerfileReader.Read(new SourceText($"ONBUILD of {image}", "FROM scratch\n" + text)))
            .SelectMany(parsed => parsed.Value?.Stages.LastOrDefault()?.Instructions ?? [])];
    }
}
