using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>
/// Follows changed paths of contexts to the paths of the container that they concern, and then compares what stands at each of these before
/// and after. The first thing that stands in the way ends it.
/// </summary>
/// <param name="pathOf">A path of a context as one of the project.</param>
internal sealed class LiveComparison(LiveChain chain, LiveView before, LiveView after, Func<LivePath, string> pathOf)
{
    private readonly Dictionary<string, LivePath> _concerned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _forced = new(StringComparer.Ordinal);
    private readonly SortedSet<LivePath> _paths = [];
    private readonly HashSet<int> _checked = [];

    /// <summary>The contexts are not known: what they would have to hold is taken to be there, and each path counts as changed.</summary>
    public bool OnlyThought { get; init; }

    /// <summary>Takes in a path that changed.</summary>
    /// <returns>What stands in the way; null when nothing does so far.</returns>
    public LiveObstacle? Add(ImageName context, LiveDifference difference) => Take(new LivePath(context, difference.Path), difference.IsDirectory, mustBeRead: true, forced: OnlyThought);

    /// <summary>Takes in a path that the container may show otherwise than it should.</summary>
    public LiveObstacle? AddDoubtful(LivePath path)
    {
        ContextNode? node = after.ContextOf(path.Image).Find(path.Path) ?? before.ContextOf(path.Image).Find(path.Path);
        return Take(path, node is ContextNode.Directory, mustBeRead: false, forced: true);
    }

    /// <summary>What it takes, when nothing stood in the way so far.</summary>
    public LivePlan Finish(RestartNeed restart)
    {
        foreach ((string path, LivePath source) in _concerned.ToArray())
            AddAbove(path, source);
        var writing = new EntryWriting(chain, before, after, pathOf);
        foreach ((string path, LivePath source) in _concerned.OrderBy(c => c.Key, Comparer<string>.Create(NameOrder.ComparePaths)))
        {
            if (writing.Write(path, source, _forced.Contains(path)) is { } obstacle)
                return new LivePlan.Build(obstacle);
        }
        return writing.Entries.Count == 0 ? LivePlan.Update.Nothing with { Paths = [.. _paths] }
            : new LivePlan.Update(writing.Entries.ToImmutable(), [], restart, [.. _paths]) { Moves = writing.Moves.ToImmutable() };
    }

    private LiveObstacle? Take(LivePath path, bool isDirectory, bool mustBeRead, bool forced)
    {
        _paths.Add(path);
        string inProject = pathOf(path);
        if (chain.Beside.TryGetValue(path.Image, out LiveTap? beside))
            return beside.InTheWay(inProject);
        foreach (LiveReader reader in chain.Readers.Where(r => r.Context == path.Image))
        {
            if (IsRead(reader, path.Path, isDirectory))
                return reader.InTheWay(inProject);
        }
        bool isRead = false, isOnTheWay = chain.Readers.Any(r => r.Context == path.Image && r.Pattern.Relate(path.Path, isDirectory) == PathRelation.OnTheWay);
        var places = new List<(int Step, string Path)>();
        for (int i = 0; i < chain.Steps.Length; i++)
        {
            switch (chain.Steps[i])
            {
                case LiveStep.Opaque opaque:
                    isOnTheWay |= opaque.Mounts.Any(m => m.Context == path.Image && m.Pattern.Relate(path.Path, isDirectory) == PathRelation.OnTheWay);
                    if (opaque.Mounts.FirstOrDefault(m => m.Context == path.Image && IsRead(m, path.Path, isDirectory)) is { } mount)
                        return mount.InTheWay(inProject);
                    break;
                case LiveStep.Copy copy when copy.Context == path.Image:
                    foreach (LiveSource source in copy.Sources)
                    {
                        PathRelation relation = source.Relate(path.Path, isDirectory);
                        isOnTheWay |= relation == PathRelation.OnTheWay;
                        if (relation != PathRelation.Named)
                            continue;
                        isRead = true;
                        if (After(i, inProject) is { } obstacle)
                            return obstacle;
                        places.AddRange(PlacesOf(source, i, path.Path, isDirectory).Distinct(StringComparer.Ordinal).Select(p => (i, p)));
                    }
                    if (_checked.Add(i) && InTheWayOf(copy, i, inProject) is { } unsure)
                        return unsure;
                    break;
            }
        }
        if (chain.Taps.FirstOrDefault(t => places.Any(p => p.Step < t.UpTo && t.Takes(p.Path))) is { } tap)
            return tap.InTheWay(inProject);
        foreach ((_, string place) in places)
        {
            _concerned[place] = path;
            if (forced)
                _forced.Add(place);
        }
        return isRead || !mustBeRead || (isDirectory && isOnTheWay) ? null : new LiveObstacle(inProject, "it is read through a symbolic link", null, null);
    }

    private bool IsRead(LiveReader reader, string path, bool isDirectory) =>
        reader.Pattern.Relate(path, isDirectory) == PathRelation.Named
        || reader.Source is not { } source || source.GoesThroughLink(before.ContextOf(reader.Context)) || source.GoesThroughLink(after.ContextOf(reader.Context));

    /// <summary>A command that runs later may depend on anything.</summary>
    private LiveObstacle? After(int step, string path)
    {
        for (int i = step + 1; i < chain.Steps.Length; i++)
        {
            if (chain.Steps[i] is LiveStep.Opaque { ReadsFiles: true } run)
                return run.InTheWay(path, "may read it");
        }
        return null;
    }

    /// <summary>What makes it impossible to follow a step at all, whatever changed of what it reads.</summary>
    private LiveObstacle? InTheWayOf(LiveStep.Copy copy, int step, string path)
    {
        if (before.GoesThroughLink(step) || after.GoesThroughLink(step))
            return copy.InTheWay(path, "goes through a symbolic link");
        foreach (LiveSource source in copy.Sources.Where(_ => !OnlyThought))
        {
            if (Finds(source, copy, before) && !Finds(source, copy, after))
                return copy.InTheWay(path, "would find nothing");
            if (!source.IntoDirectory && (before.At(source.Destination, step) is LiveState.Directory) != (after.At(source.Destination, step) is LiveState.Directory))
                return copy.InTheWay(path, "would go elsewhere");
        }
        return null;
    }

    private static bool Finds(LiveSource source, LiveStep.Copy copy, LiveView view) =>
        source.HasWildcards ? source.Holders(view.ContextOf(copy.Context)).Any(h => h.Directory.Children.Any(c => source.NamesLast(c.Name))) : source.Find(view.ContextOf(copy.Context)) is not null;

    /// <summary>The paths of the container where a source brings a path of the context, before or after.</summary>
    private IEnumerable<string> PlacesOf(LiveSource source, int step, string path, bool isDirectory)
    {
        string below = source.Below(path);
        if (below.Length > 0)
            return [$"{source.Destination}/{below}"];
        // A directory that is a source is not copied itself, only what is in it.
        string name = ContainerPath.NameOf(path);
        return isDirectory ? [] : [.. new[] { before, after }.Select(v => v.PlaceOf(source, step, name)?.Path ?? source.Destination)];
    }

    /// <summary>The directories above come and go with what is in them.</summary>
    private void AddAbove(string path, LivePath source)
    {
        foreach (string above in ContainerPath.Above(path))
        {
            if (LiveState.AreSame(before.At(above), after.At(above)) || !_concerned.TryAdd(above, source))
                break;
        }
    }
}
