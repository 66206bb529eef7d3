using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// Resolves a Dockerfile for one build: which stages the target needs, which images they name, what every variable's value is.
/// A variable that cannot be expanded is a <c>DL1021</c>, a stage that does not exist a <c>DL1022</c>.
/// </summary>
public static class DockerfileResolver
{
    public static Parsed<ResolvedDockerfile> Resolve(Dockerfile dockerfile, BuildVariables variables)
    {
        var problems = new List<Diagnostic>();
        if (dockerfile.Stages.IsEmpty)
            return new(null, [DockerfileReader.Problem(dockerfile.Source.Span(0, 0), "the Dockerfile has no `FROM`, so there is no stage to build")]);
        string targetName = variables.Target ?? dockerfile.Stages[^1].Name ?? "default";
        var globals = new GlobalScope(dockerfile, variables, targetName, problems);
        var outline = new StageOutline(dockerfile, globals, problems);
        if (outline.Find(variables.Target) is not { } target)
        {
            problems.Add(UnknownTarget(dockerfile, variables.Target!));
            return new(null, [.. problems]);
        }
        var reach = new StageReach(outline, variables, problems);
        reach.Visit(target);
        var dispatch = new StageDispatch(outline, reach, globals, variables, problems);
        ImmutableArray<ResolvedStage> stages = [.. reach.Stages.Order().Select(dispatch.Run)];
        var resolved = new ResolvedDockerfile(dockerfile, outline.Mentions, stages, stages.First(s => s.Index == target), dispatch.UsedArgs, variables.TargetPlatform);
        return new(resolved, [.. problems.DistinctBy(p => (p.Message, p.At?.Start))]);
    }

    internal static Diagnostic VariableProblem(Instruction instruction, string error) =>
        Diagnostic.Error(DiagnosticCode.DockerfileVariable, $"a variable in `{instruction.Name}` has no valid value: {error}") with { At = instruction.Span };

    private static Diagnostic UnknownTarget(Dockerfile dockerfile, string target)
    {
        ImmutableArray<string> names = [.. dockerfile.Stages.Select(s => s.Name).OfType<string>()];
        string? nearest = NearestName.Of(target, names);
        return Diagnostic.Error(DiagnosticCode.UnknownStage, $"the Dockerfile `{dockerfile.Source.File}` has no stage `{target}`") with
        {
            Help = nearest is not null ? $"a stage with a similar name exists: `{nearest}`"
                : names.IsEmpty ? "no stage of this Dockerfile has a name; `FROM image AS name` gives one"
                : $"the stages are {string.Join(", ", names.Select(n => $"`{n}`"))}",
        };
    }
}
