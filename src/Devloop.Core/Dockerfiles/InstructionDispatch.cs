using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>Expands one instruction; only the parts that BuildKit expands.</summary>
internal sealed class InstructionDispatch(Instruction instruction, StageEnvironment environment, char escape, List<Diagnostic> problems)
{
    /// <summary>A name had no value here, and the external base might have one.</summary>
    public bool IsUncertain { get; private set; }

    public ResolvedInstruction Run(ImmutableArray<(Flag Flag, FromTarget Target)> sources)
    {
        var resolved = new ResolvedInstruction { Instruction = instruction, Words = [.. instruction.Words.Select(w => w.Text)] };
        switch (instruction.Name)
        {
            case "ENV" or "LABEL":
                // All values of one instruction see the variables as they were before it.
                resolved = resolved with { Pairs = [.. instruction.Pairs.Select(p => new NamedValue(Expand(p.Name), Expand(p.Value ?? "")))] };
                foreach (NamedValue pair in instruction.Name == "ENV" ? resolved.Pairs : [])
                    environment.Set(pair.Name, pair.Value!);
                break;
            case "COPY" or "ADD":
                FromTarget? from = sources.Length > 0 ? sources[0].Target : null;
                resolved = resolved with
                {
                    Words = [.. instruction.Words.Select(w => IsHeredoc(w) ? w.Text : Expand(w.Text))],
                    Excludes = [.. instruction.FlagsNamed("exclude").Select(f => Expand(f.Value ?? ""))],
                    Bodies = [.. instruction.Heredocs.Select(h => h.Expands ? ExpandBody(h.Body) : h.Body)],
                    FromStage = from?.Stage,
                    FromImage = from is { Stage: null } ? from.Value.Text : null,
                };
                break;
            case "RUN":
                resolved = resolved with
                {
                    Mounts = [.. instruction.FlagsNamed("mount").Select(f => Mount(f, sources))],
                    Bodies = [.. instruction.Heredocs.Select(h => h.Content)],
                };
                break;
            case "EXPOSE" or "STOPSIGNAL" or "USER" or "VOLUME" or "WORKDIR":
                resolved = resolved with { Words = [.. instruction.Words.Select(w => Expand(w.Text))] };
                foreach (Word word in instruction.Words)
                {
                    if (CertainValue(word.Text) is { } value && WordRules.Refusal(instruction.Name, value) is { } refusal)
                        Refuse(word.Span, word.Text, refusal.Message, refusal.Help);
                }
                if (instruction.Name == "WORKDIR")
                    environment.Enter(instruction.Words is [var path] ? CertainValue(path.Text) : null);
                break;
        }
        return resolved with { IsUncertain = IsUncertain };
    }

    public string Expand(string word) => Take(WordExpansion.Expand(word, environment.Get, escape));

    private string ExpandBody(string body) => Take(WordExpansion.ExpandHeredoc(body, environment.Get));

    private string Take(Expansion expansion)
    {
        IsUncertain |= environment.IsOpen && expansion.Unset.Length > 0;
        // With a base of which nothing is known, `${A?...}` may well be fine.
        if (expansion.Error is not null && !(environment.IsOpen && expansion.Unset.Length > 0))
            problems.Add(DockerfileResolver.VariableProblem(instruction, expansion.Error));
        return expansion.Text;
    }

    /// <summary>The value of a word; null when an external base of which nothing is known may change it, or when it has none.</summary>
    private string? CertainValue(string word)
    {
        if (environment.IsOpen && word.Contains('$'))
            return null;
        Expansion expansion = WordExpansion.Expand(word, environment.Get, escape);
        return expansion.Error is null ? expansion.Text : null;
    }

    private void Refuse(SourceSpan at, string written, string message, string? help) =>
        problems.Add(DockerfileReader.Problem(at, message, help: help) with { Code = written.Contains('$') ? DiagnosticCode.DockerfileVariable : DiagnosticCode.DockerfileSyntax });

    private bool IsHeredoc(Word word) => !instruction.IsJson && instruction.Heredocs.Length > 0 && HeredocWords.Parse(word.Text) is not null;

    private ResolvedMount Mount(Flag flag, ImmutableArray<(Flag Flag, FromTarget Target)> sources)
    {
        string type = "bind";
        string? source = null;
        foreach (RunMount.Field field in RunMount.Fields(flag) ?? [])
        {
            if (field.Key == "type")
                type = Expand(field.Value ?? "").ToLowerInvariant();
            else if (field.Key is "source" or "src")
                source = Expand(field.Value ?? "");
        }
        if (RunMount.Fields(flag) is { } fields && new MountRules(CertainValue, environment.Directory).Refusal(fields) is { } refusal)
            Refuse(refusal.At is { } field && field.End > field.Start ? flag.Span(field.Start, field.End) : flag.Whole.Span, refusal.At?.Value ?? "", refusal.Message, refusal.Help);
        FromTarget? from = sources.Where(s => s.Flag == flag).Select(s => (FromTarget?)s.Target).FirstOrDefault();
        return new ResolvedMount(type, source, from?.Stage, from is { Stage: null } ? from.Value.Text : null);
    }
}
