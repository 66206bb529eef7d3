using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Live update by the steps of the config: what falls back, then what is synced, then what runs, then the restart.</summary>
public sealed class DeclaredRules : LiveRules
{
    private readonly string _root;
    private readonly ImageDefinition _image;
    private readonly LiveUpdate.Declared _steps;
    private readonly ImmutableArray<ImageDefinition> _holders;
    private readonly SyncMap _map;
    private readonly ImmutableArray<(PathGlob Glob, FallBackStep Step)> _fallBacks;
    private readonly ImmutableArray<(ImmutableArray<PathGlob> On, CommandWords Command)> _runs;

    private DeclaredRules(ResolvedProject project, ImageDefinition image, LiveUpdate.Declared steps)
    {
        (_root, _image, _steps) = (ProjectPath.Absolute(project.Config.Root, "."), image, steps);
        _holders = [.. project.Graph.WithBases([image.Name]).Reverse().Select(project.Image)];
        _map = new SyncMap(_root, _holders, steps.Syncs);
        _fallBacks = [.. steps.FallBackOn.Select(f => (GlobOf(f.Path), f))];
        _runs = [.. steps.Runs.Select(r => (r.On.Select(GlobOf).ToImmutableArray(), r.Command))];
    }

    /// <summary>The rules of a deployed image that has steps.</summary>
    public static DeclaredRules Of(ResolvedProject project, ImageDefinition image, LiveUpdate.Declared steps) => new(project, image, steps);

    public override LivePlan Between(LiveContent from, LiveContent to, IReadOnlyCollection<LivePath> doubtful)
    {
        var changes = new SortedDictionary<string, Change>(StringComparer.Ordinal);
        foreach ((LivePath path, ContextNode? before, ContextNode? now) in ContentDiff.Between(from, to))
            Add(changes, path, before, now, inDoubt: false);
        foreach (LivePath path in doubtful)
            Add(changes, path, NodeAt(from, path), NodeAt(to, path), inDoubt: true);
        if (changes.Count == 0)
            return LivePlan.Update.Nothing;
        if (changes.Keys.Select(InTheWay).FirstOrDefault(o => o is not null) is { } fallsBack)
            return new LivePlan.Build(fallsBack);

        var places = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach ((string path, Change change) in changes)
        {
            if (_map.Of(path) is { } sync)
            {
                foreach (ContextNode? node in new[] { change.Before, change.Now })
                    Visit(places, SyncMap.Destination(sync, path, node is ContextNode.Directory), change.InDoubt);
            }
            else if (!change.IsOfDirectories || !_map.LeadsToSync(path))
            {
                return new LivePlan.Build(Unsynced(path));
            }
        }
        return Plan(places, from, to, [.. changes.Keys], [.. changes.Values.SelectMany(c => c.Paths)]);
    }

    public override LivePlan All(LiveContent to)
    {
        var places = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (string place in _map.Places(to))
            Visit(places, place, inDoubt: false);
        string[] sources = [.. places.Keys.Select(p => _map.At(p, to)?.Source).OfType<string>()];
        ImmutableArray<LivePath> paths = [.. places.Keys.Select(p => _map.At(p, to)).OfType<Brought>().Select(b => new LivePath(b.Image.Name, b.Path))];
        return Plan(places, new LiveContent(to.Contexts.Clear()), to, sources, paths);
    }

    public override LiveForecast Forecast(ImmutableArray<string> paths)
    {
        string[] read = [.. paths.Where(p => _holders.Any(h => h.Reads(p) is not null)).Select(p => ProjectPath.Absolute(_root, p))];
        ImmutableArray<LiveMove> moves =
            [.. read.Select(p => (Path: p, Sync: _map.Of(p))).Where(s => s.Sync is not null).Select(s => new LiveMove(InProject(s.Path), SyncMap.Destination(s.Sync!, s.Path, isDirectory: false)))];
        LiveObstacle? obstacle = read.Select(InTheWay).FirstOrDefault(o => o is not null) ?? read.Where(p => _map.Of(p) is null).Select(Unsynced).FirstOrDefault();
        return obstacle is null ? new LiveForecast(moves, moves.IsEmpty ? RestartNeed.No : Need, null) : new LiveForecast([], RestartNeed.No, obstacle);
    }

    private RestartNeed Need => _steps.Restart switch { RestartPolicy.Always => RestartNeed.Yes, RestartPolicy.Auto => RestartNeed.IfUnnoticed, _ => RestartNeed.No };

    /// <param name="places">What to look at in the container, and whether it may show something that nobody knows.</param>
    /// <param name="changed">Absolute.</param>
    private LivePlan.Update Plan(SortedDictionary<string, bool> places, LiveContent from, LiveContent to, string[] changed, ImmutableArray<LivePath> paths)
    {
        var gone = new HashSet<string>(StringComparer.Ordinal);
        var directories = ImmutableArray.CreateBuilder<OverlayEntry>();
        var contents = ImmutableArray.CreateBuilder<OverlayEntry>();
        var moves = ImmutableArray.CreateBuilder<LiveMove>();
        foreach ((string place, bool inDoubt) in places)
        {
            (Brought? before, Brought? now) = (_map.At(place, from), _map.At(place, to));
            if (now is null)
            {
                // A directory that a sync fills may hold what the image brought; what is synced of it goes by itself.
                if ((before is not null || inDoubt) && !(before?.Node is not (ContextNode.File or ContextNode.Link) && _map.HoldsTarget(place)))
                    gone.Add(place);
                continue;
            }
            if (!inDoubt && !ContentDiff.Differ(before?.Node, now.Node))
                continue;
            if (now.Node is ContextNode.Directory)
            {
                // Whoever made the directory that a sync fills gave it its mode.
                if (!_map.IsTarget(place) || before?.Node is ContextNode.File or ContextNode.Link)
                    directories.Add(Entry(place, before, now, inDoubt));
                continue;
            }
            contents.Add(Entry(place, before, now, inDoubt));
            moves.Add(new LiveMove(InProject(now.Source), place));
        }
        ImmutableArray<string> topmost = [.. gone.Where(g => !Above(g).Any(gone.Contains)).Order(StringComparer.Ordinal)];
        if (topmost.IsEmpty && directories.Count == 0 && contents.Count == 0)
            return LivePlan.Update.Nothing;
        return new LivePlan.Update([.. topmost.Select(g => new OverlayEntry.Gone(g)), .. directories, .. contents], RunsFor(changed), Need, paths)
        {
            Moves = [.. moves, .. topmost.Select(g => new LiveMove("", g))],
        };
    }

    private static OverlayEntry Entry(string place, Brought? before, Brought now, bool inDoubt)
    {
        OverlayEntry entry = now.Node switch
        {
            ContextNode.File file => new OverlayEntry.File(place, now.Source, file.Size, file.Hash, file.Mode, file.ModifiedNanoseconds)
            {
                NeverDirectory = before?.Node is not ContextNode.Directory && !inDoubt,
            },
            ContextNode.Link link => new OverlayEntry.Link(place, link.Target),
            _ => new OverlayEntry.Directory(place, now.Node.Mode),
        };
        return entry with { Owner = NumericOwners.Of(now.Image, now.Path, place) };
    }

    private ImmutableArray<CommandWords> RunsFor(string[] changed) =>
        [.. _runs.Where(r => r.On.IsEmpty || r.On.Any(on => changed.Any(c => on.Relate(c) == GlobRelation.Named))).Select(r => r.Command)];

    private LiveObstacle? InTheWay(string path) => _fallBacks.Where(f => f.Glob.Relate(path) == GlobRelation.Named)
        .Select(f => new LiveObstacle(InProject(path), $"`fall_back_on: {f.Step.Path}` names it", f.Step.At?.File, f.Step.At?.Line)).FirstOrDefault();

    private LiveObstacle Unsynced(string path) => new(InProject(path), $"no `sync` of image `{_image.Name}` takes it", _steps.At?.File, _steps.At?.Line);

    private void Add(SortedDictionary<string, Change> changes, LivePath path, ContextNode? before, ContextNode? now, bool inDoubt)
    {
        if (_map.Absolute(path) is not { } absolute)
            return;
        changes[absolute] = changes.TryGetValue(absolute, out Change? known)
            ? known with { Paths = [.. known.Paths, path], InDoubt = known.InDoubt || inDoubt }
            : new Change([path], before, now, inDoubt);
    }

    private static void Visit(SortedDictionary<string, bool> places, string place, bool inDoubt)
    {
        // The root of the container stays as it is.
        if (place.Length > 0)
            places[place] = inDoubt || places.GetValueOrDefault(place);
    }

    private static ContextNode? NodeAt(LiveContent content, LivePath path) => content.Contexts.GetValueOrDefault(path.Image)?.Find(path.Path);

    private PathGlob GlobOf(string path) => new(ProjectPath.Absolute(_root, path));

    private string InProject(string absolute) => ProjectPath.Below(_root, absolute) ?? absolute;

    private static IEnumerable<string> Above(string place)
    {
        for (int slash = place.LastIndexOf('/'); slash > 0; slash = place.LastIndexOf('/', slash - 1))
            yield return place[..slash];
    }

    /// <param name="Paths">Several contexts may hold the same file.</param>
    private sealed record Change(ImmutableArray<LivePath> Paths, ContextNode? Before, ContextNode? Now, bool InDoubt)
    {
        /// <summary>No file and no link came, went or changed.</summary>
        public bool IsOfDirectories => Before is null or ContextNode.Directory && Now is null or ContextNode.Directory;
    }
}
