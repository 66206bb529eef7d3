using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>Puts instructions into stages and reports what stands where nothing may stand.</summary>
internal sealed class StageAssembly(SourceText source, ImmutableArray<Diagnostic>.Builder problems)
{
    private readonly ImmutableArray<Instruction>.Builder _globalArgs = ImmutableArray.CreateBuilder<Instruction>();
    private readonly ImmutableArray<Stage>.Builder _stages = ImmutableArray.CreateBuilder<Stage>();
    private readonly ImmutableArray<Instruction>.Builder _body = ImmutableArray.CreateBuilder<Instruction>();
    private Instruction? _from;
    private bool _any;
    private bool _misplaced;

    public void Add(Instruction instruction)
    {
        _any = true;
        if (instruction.Name == "FROM")
        {
            CloseStage();
            _from = instruction;
        }
        else if (_from is not null)
        {
            _body.Add(instruction);
        }
        else if (instruction.Name == "ARG")
        {
            _globalArgs.Add(instruction);
        }
        else if (!_misplaced && InstructionRules.IsKnown(instruction.Name))
        {
            _misplaced = true;
            problems.Add(DockerfileReader.Problem(instruction.Span, $"`{instruction.Name}` stands before the first `FROM`", "no build stage yet",
                "only `ARG` may stand before the first `FROM`"));
        }
    }

    public Dockerfile Finish()
    {
        bool hasFrom = _from is not null || _stages.Count > 0;
        CloseStage();
        if (!_any)
            problems.Add(DockerfileReader.Problem(source.Span(0, 0), "the Dockerfile has no instructions", help: "a Dockerfile begins with a `FROM` line"));
        else if (!hasFrom && problems.Count == 0)
            problems.Add(DockerfileReader.Problem(source.Span(0, 0), "the Dockerfile has no `FROM`, so there is no stage to build"));
        return new Dockerfile { Source = source, GlobalArgs = _globalArgs.ToImmutable(), Stages = _stages.ToImmutable() };
    }

    private void CloseStage()
    {
        if (_from is null)
            return;
        Word baseWord = _from.Words.Length > 0 ? _from.Words[0] : new Word(_from.Line, _from.Line.Text.Length, _from.Line.Text.Length, "");
        string? name = _from.Words.Length == 3 ? _from.Words[2].Text.ToLowerInvariant() : null;
        _stages.Add(new Stage(_stages.Count, name, baseWord, _from, _body.ToImmutable()));
        _body.Clear();
        _from = null;
    }
}
