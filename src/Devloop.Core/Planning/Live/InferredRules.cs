using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>
/// What the Dockerfile proves: each changed file is followed through the instructions that copy it to the paths where an image build would
/// bring it, and each of these paths is asked for what stands there before and after. What cannot be followed is built.
/// </summary>
internal sealed class InferredRules(ResolvedProject project, ImageDefinition image, RestartPolicy policy) : LiveRules
{
    private readonly LiveChain _chain = LiveChain.Of(project, image);

    public override LivePlan All(LiveContent to) => LivePlan.Update.Nothing;

    public override LivePlan Between(LiveContent from, LiveContent to, IReadOnlyCollection<LivePath> doubtful)
    {
        if (doubtful.Count == 0 && from.SameAs(to))
            return LivePlan.Update.Nothing;
        if (_chain.Obstacle is { } whole)
            return new LivePlan.Build(whole);
        if (_chain.Contexts.FirstOrDefault(c => !from.Contexts.ContainsKey(c) || !to.Contexts.ContainsKey(c)) is { Value: not null } absent)
            return new LivePlan.Build(new LiveObstacle(null, $"the files of {absent} are not known yet", null, null));
        var comparison = new LiveComparison(_chain, new LiveView(_chain, from), new LiveView(_chain, to), PathOf);
        foreach (ImageName context in _chain.Contexts)
        {
            foreach (LiveDifference difference in LiveDifference.Between(from.Contexts[context], to.Contexts[context]))
            {
                if (comparison.Add(context, difference) is { } obstacle)
                    return new LivePlan.Build(obstacle);
            }
        }
        foreach (LivePath path in doubtful.Where(p => _chain.Contexts.Contains(p.Image)))
        {
            if (comparison.AddDoubtful(path) is { } obstacle)
                return new LivePlan.Build(obstacle);
        }
        return comparison.Finish(Need);
    }

    public override LiveForecast Forecast(ImmutableArray<string> paths)
    {
        var contents = ImmutableSortedDictionary.CreateBuilder<ImageName, ContextSnapshot>();
        var edits = ImmutableArray.CreateBuilder<LivePath>();
        foreach (ImageName context in _chain.Contexts)
        {
            ImageDefinition definition = project.Image(context);
            string[] read = [.. paths.Select(p => definition.InputAt(p)).OfType<string>().Distinct(StringComparer.Ordinal)];
            edits.AddRange(read.Select(p => new LivePath(context, p)));
            contents[context] = ThoughtOf.Files(ProjectPath.Absolute(project.Config.Root, definition.Target.Context), read);
        }
        if (edits.Count == 0)
            return new LiveForecast([], RestartNeed.No, null);
        if (_chain.Obstacle is { } whole)
            return new LiveForecast([], RestartNeed.No, whole);
        var content = new LiveContent(contents.ToImmutable());
        var comparison = new LiveComparison(_chain, new LiveView(_chain, content), new LiveView(_chain, content), PathOf) { OnlyThought = true };
        foreach (LivePath edit in edits)
        {
            if (comparison.Add(edit.Image, new LiveDifference(edit.Path, contents[edit.Image].Find(edit.Path), contents[edit.Image].Find(edit.Path))) is { } obstacle)
                return new LiveForecast([], RestartNeed.No, obstacle);
        }
        return comparison.Finish(Need) switch
        {
            LivePlan.Update update => new LiveForecast(update.Moves, update.Restart, null),
            LivePlan.Build build => new LiveForecast([], RestartNeed.No, build.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private RestartNeed Need => policy switch
    {
        RestartPolicy.Never => RestartNeed.No,
        RestartPolicy.Always => RestartNeed.Yes,
        _ => RestartNeed.IfUnnoticed,
    };

    private string PathOf(LivePath path) => ProjectPath.Join(project.Image(path.Image).Target.Context, path.Path);
}
