using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

/// <summary>Whatever the edits: a container that gets the entries one after the other shows what the syncs say of the files as they are.</summary>
public class DeclaredRulesProperties
{
    private static readonly ImageName Api = new("api");
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Targets = ["/x", "/x/", "/x/deep", "/z", "/"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_a_container_shows_is_what_the_syncs_say(int seed)
    {
        var random = new Random(seed);
        int looked = 0;
        for (int n = 0; n < 200; n++)
        {
            // The last one takes what the others leave.
            (string From, string To)[] syncs = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (PathIn(random), Targets[random.Next(Targets.Length)])).DistinctBy(s => s.Item1), ("", "/rest")];
            ContextEntry[] before = Tree(random), now = Edited(random, before);
            Dictionary<string, string> shown = Expected(syncs, before), wanted = Expected(syncs, now);
            if (!IsPossible(shown) || !IsPossible(wanted))
                continue;
            looked++;
            var container = new Dictionary<string, string>(shown, StringComparer.Ordinal) { ["/own"] = "file of the image" };

            LivePlan.Update update = Rules(syncs).Between(Content(before), Content(now), []).ShouldBeOfType<LivePlan.Update>();
            foreach (OverlayEntry entry in update.Entries)
                Apply(container, entry);

            string told = $"seed {seed}, case {n}: {string.Join(", ", syncs.Select(s => $"{s.From} to {s.To}"))}\nbefore {Text(before)}\nnow    {Text(now)}\n{string.Join('\n', update.Entries)}";
            container["/own"].ShouldBe("file of the image", told);
            Dictionary<string, string> files = Files(container);
            files.Remove("/own");
            files.OrderBy(f => f.Key).ShouldBe(Files(wanted).OrderBy(f => f.Key), told);
            // The directory that a sync fills comes with what is in it.
            foreach (string directory in wanted.Where(w => w.Value == "directory" && syncs.All(s => s.To.TrimEnd('/') != w.Key)).Select(w => w.Key))
                container.ShouldContainKey(directory, told);
            foreach (string directory in shown.Where(w => w.Value == "directory" && !wanted.ContainsKey(w.Key) && syncs.All(s => !IsAtOrBelow(s.To.TrimEnd('/'), w.Key))).Select(w => w.Key))
                container.ShouldNotContainKey(directory, told);
            Rules(syncs).Between(Content(now), Content(now), []).ShouldBeSameAs(LivePlan.Update.Nothing);
        }
        looked.ShouldBeGreaterThan(75);
    }

    /// <summary>By the first sync that holds a path, and of two that bring one place by the first; worked out the long way round.</summary>
    private static Dictionary<string, string> Expected((string From, string To)[] syncs, ContextEntry[] entries)
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string from, string to) in syncs)
        {
            foreach (ContextEntry entry in entries.Where(e => IsAtOrBelow(e.Path, from) && syncs.First(s => IsAtOrBelow(e.Path, s.From)).From == from))
            {
                string inside = from.Length == 0 ? "/" + entry.Path : entry.Path[from.Length..];
                string place = inside.Length == 0 && to.EndsWith('/') && entry.Node is not ContextNode.Directory ? to + Snapshots.NameOf(from) : to.TrimEnd('/') + inside;
                if (place.Length > 0)
                    shown.TryAdd(place, Shown(entry.Node));
            }
        }
        return shown;
    }

    private static string Shown(ContextNode node) => node switch
    {
        ContextNode.File file => $"file {file.Hash} {file.Mode}",
        ContextNode.Link link => $"link {link.Target}",
        _ => "directory",
    };

    /// <summary>No container can have something below a file.</summary>
    private static bool IsPossible(Dictionary<string, string> shown) => shown.Keys.All(p => shown.All(o => o.Value == "directory" || !p.StartsWith(o.Key + "/", StringComparison.Ordinal)));

    private static void Apply(Dictionary<string, string> container, OverlayEntry entry)
    {
        bool isDirectory = entry is OverlayEntry.Directory;
        if (!isDirectory || container.GetValueOrDefault(entry.Path) is not "directory")
        {
            foreach (string below in container.Keys.Where(p => IsAtOrBelow(p[1..], entry.Path[1..])).ToArray())
                container.Remove(below);
        }
        if (entry is OverlayEntry.Gone)
            return;
        container.Keys.ShouldNotContain(p => container[p] != "directory" && entry.Path.StartsWith(p + "/", StringComparison.Ordinal), "something would be written below a file");
        container[entry.Path] = entry switch
        {
            OverlayEntry.File file => $"file {file.Hash} {file.Mode}",
            OverlayEntry.Link link => $"link {link.Target}",
            _ => "directory",
        };
    }

    private static Dictionary<string, string> Files(Dictionary<string, string> shown) => shown.Where(s => s.Value != "directory").ToDictionary(StringComparer.Ordinal);

    private static bool IsAtOrBelow(string path, string above) => above.Length == 0 || path == above || path.StartsWith(above + "/", StringComparison.Ordinal);

    private static string PathIn(Random random) => string.Join('/', Enumerable.Range(0, random.Next(1, 3)).Select(_ => Names[random.Next(Names.Length)]));

    private static ContextEntry[] Tree(Random random) => Edited(random, []);

    private static ContextEntry[] Edited(Random random, ContextEntry[] entries)
    {
        var tree = entries.ToDictionary(e => e.Path, StringComparer.Ordinal);
        for (int n = random.Next(1, 6); n > 0; n--)
        {
            string path = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Names[random.Next(Names.Length)]));
            foreach (string below in tree.Keys.Where(p => IsAtOrBelow(p, path)).ToArray())
                tree.Remove(below);
            if (random.Next(4) == 0)
                continue;
            for (int slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                if (!tree.TryGetValue(path[..slash], out ContextEntry above) || above.Node is not ContextNode.Directory)
                    tree[path[..slash]] = Snapshots.Directory(path[..slash]);
            }
            tree[path] = random.Next(6) switch
            {
                0 => Snapshots.Link(path, Names[random.Next(Names.Length)]),
                1 => Snapshots.Directory(path),
                _ => Snapshots.File(path, random.Next(3).ToString(System.Globalization.CultureInfo.InvariantCulture), random.Next(2) == 0 ? 0x1A4 : 0x1ED),
            };
        }
        return [.. tree.Values.OrderBy(e => e.Path, StringComparer.Ordinal)];
    }

    private static LiveContent Content(ContextEntry[] entries) => new(ImmutableSortedDictionary<ImageName, ContextSnapshot>.Empty.Add(Api, Snapshots.Of("/project/api", entries)));

    private static string Text(ContextEntry[] entries) => string.Join(' ', entries.Select(e => $"{e.Path}={Shown(e.Node).Split(' ')[0]}"));

    private static DeclaredRules Rules((string From, string To)[] syncs)
    {
        IEnumerable<string> steps = syncs.Select(s => $"      - sync: {{from: api/{s.From}, to: {s.To}}}\n");
        FakeFileTree files = new FakeFileTree().Write("api/Dockerfile", "FROM scratch\nCOPY . /app\n").Write("devloop.yaml", $"version: 1\nimages:\n  api:\n    context: api\n    live_update:\n{string.Concat(steps)}");
        ResolvedProject project = FakeWork.Load(files).Value.ShouldNotBeNull();
        ImageDefinition image = project.Image(Api);
        return DeclaredRules.Of(project, image, image.Target.LiveUpdate.ShouldBeOfType<LiveUpdate.Declared>());
    }
}
