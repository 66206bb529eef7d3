using System.Collections.Immutable;
using Devloop.Dockerfiles;

namespace Devloop.Planning.Live;

/// <summary>The shell of a stage's shell forms.</summary>
internal sealed class StageShell
{
    public ImmutableArray<string> Words { get; set; } = ["/bin/sh", "-c"];
}

/// <summary>What the images of a stage run: ENTRYPOINT takes the CMD of a base away, unless the stage gave one of its own before.</summary>
internal sealed class CommandReading(ImageCommand? below)
{
    private ImmutableArray<string>? _entrypoint = below?.Entrypoint;
    private ImmutableArray<string>? _arguments = below?.Arguments;
    private bool _ownArguments;

    /// <summary>Null when a base that is not known decides it.</summary>
    public ImageCommand? Result => _entrypoint is { } entrypoint && _arguments is { } arguments ? new ImageCommand(entrypoint, arguments) : null;

    public void Take(ResolvedInstruction resolved, StageShell shell)
    {
        Instruction instruction = resolved.Instruction;
        switch (instruction.Name)
        {
            case "SHELL":
                shell.Words = [.. instruction.Words.Select(w => w.Text)];
                break;
            case "CMD":
                (_arguments, _ownArguments) = (WordsOf(instruction, shell), true);
                break;
            case "ENTRYPOINT":
                _entrypoint = WordsOf(instruction, shell);
                if (!_ownArguments)
                    _arguments = [];
                break;
        }
    }

    private static ImmutableArray<string> WordsOf(Instruction instruction, StageShell shell) =>
        instruction.IsJson ? [.. instruction.Words.Select(w => w.Text)]
        : instruction.Arguments.Length == 0 ? [] : [.. shell.Words, instruction.Arguments];
}
