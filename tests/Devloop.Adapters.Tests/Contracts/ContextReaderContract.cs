using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every context reader does, on disk or in memory.</summary>
public abstract class ContextReaderContract
{
    protected abstract IContextReader Reader { get; }

    protected abstract string Root { get; }

    protected abstract void Write(string path, string text);

    /// <summary>A file, or a directory with all below it; nothing when there is none.</summary>
    protected abstract void Delete(string path);

    [Fact]
    public async Task Entries_come_in_the_order_of_the_bytes_of_their_names_a_directory_before_what_is_in_it()
    {
        foreach (string path in new[] { "a/x", "a.txt", "a-b", "b/c/d", "Z", "ä", "\uFFEE", "\U0001F600" })
            Write(path, path);

        (await Paths(new Everything())).ShouldBe(["Z", "a", "a/x", "a-b", "a.txt", "b", "b/c", "b/c/d", "ä", "\uFFEE", "\U0001F600"]);
    }

    [Fact]
    public async Task A_hash_is_that_of_the_content()
    {
        Write("greeting", "hello");
        Write("empty", "");

        (await Read(new Everything())).Entries.Select(e => e.Hash?.ToString()).ShouldBe([
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        ]);
    }

    [Fact]
    public async Task An_edit_changes_the_hash()
    {
        Write("greeting", "hello");
        ContentHash? before = (await Read(new Everything())).Files.Single().Hash;
        Write("greeting", "howdy");

        (await Read(new Everything())).Files.Single().Hash.ShouldNotBe(before);
    }

    [Fact]
    public async Task What_the_filter_prunes_is_not_asked_about_further()
    {
        Write("kept/a", "");
        Write("gone/deep/b", "");
        var asked = new List<string>();

        (await Paths(new Rule((path, _) =>
        {
            asked.Add(path);
            return path == "gone" ? InputVerdict.Prune : InputVerdict.Include;
        }))).ShouldBe(["kept", "kept/a"]);
        asked.ShouldNotContain(p => p.StartsWith("gone/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_directory_that_is_only_passed_through_is_listed_when_it_holds_an_input()
    {
        Write("a/b/wanted", "");
        Write("a/b/other", "");
        Write("c/other", "");

        (await Paths(new Rule((path, kind) => kind == EntryKind.Directory ? InputVerdict.Descend
            : path.EndsWith("wanted", StringComparison.Ordinal) ? InputVerdict.Include : InputVerdict.Prune))).ShouldBe(["a", "a/b", "a/b/wanted"]);
    }

    [Fact]
    public async Task A_deleted_file_is_not_there()
    {
        Write("a", "");
        Write("b", "");
        await Read(new Everything());
        Delete("a");

        (await Paths(new Everything())).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_context_that_is_missing_is_unreadable() =>
        (await Reader.ReadAsync(Root + "/missing", new Everything(), CancellationToken.None)).ShouldBe(new ContextReading.Unreadable("", "no such directory"));

    [Fact]
    public async Task A_context_that_is_a_file_is_unreadable()
    {
        Write("file", "");

        (await Reader.ReadAsync(Root + "/file", new Everything(), CancellationToken.None)).ShouldBe(new ContextReading.Unreadable("", "not a directory"));
    }

    [Fact]
    public async Task An_update_looks_at_what_changed_and_takes_the_rest_over()
    {
        Write("a/told", "1");
        Write("a/untold", "1");
        ContextSnapshot before = await Read(new Everything());
        Write("a/told", "2");
        Write("a/untold", "2");

        ContextSnapshot after = await Update(before, new Everything(), "a/told");
        after.Find("a/told").ShouldBeOfType<ContextNode.File>().Hash.ShouldBe(ContentHash.Of("2"u8));
        after.Find("a/untold").ShouldBe(before.Find("a/untold"));
    }

    [Fact]
    public async Task Nothing_that_changed_leaves_the_snapshot()
    {
        Write("a/b", "1");
        ContextSnapshot before = await Read(new Everything());

        (await Update(before, new Everything())).Entries.ShouldBe(before.Entries);
    }

    [Fact]
    public async Task Directories_come_and_go_with_the_inputs_in_them()
    {
        var rule = new Rule((path, kind) => kind == EntryKind.Directory ? InputVerdict.Descend : path.EndsWith("wanted", StringComparison.Ordinal) ? InputVerdict.Include : InputVerdict.Prune);
        Write("a/b/other", "");
        ContextSnapshot snapshot = await Read(rule);
        snapshot.Entries.ShouldBeEmpty();

        Write("a/b/wanted", "");
        snapshot = await Update(snapshot, rule, "a/b/wanted");
        snapshot.Entries.Select(e => e.Path).ShouldBe(["a", "a/b", "a/b/wanted"]);

        Delete("a/b/wanted");
        (await Update(snapshot, rule, "a/b/wanted")).Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_context_that_is_gone_is_unreadable_for_an_update_too()
    {
        Write("sub/a", "");
        ContextSnapshot before = (await Reader.ReadAsync(Root + "/sub", new Everything(), CancellationToken.None)).ShouldBeOfType<ContextReading.Read>().Snapshot;
        Delete("sub");

        (await Reader.UpdateAsync(before, new Everything(), ["a"], CancellationToken.None)).ShouldBe(new ContextReading.Unreadable("", "no such directory"));
    }

    /// <summary>Few names, so that files and directories take each other's places.</summary>
    [Fact]
    public void An_update_gives_what_a_reading_of_everything_gives()
    {
        Gen<string> path = Gen.Elements("a", "b", "c").NonEmptyListOf().Select(p => string.Join('/', p.Take(4)));
        Gen<(string Path, int How)[]> edits = path.Zip(Gen.Choose(0, 4)).ArrayOf();
        Gen<(string, InputVerdict)[]> rules = path.Zip(Gen.Elements(InputVerdict.Prune, InputVerdict.Descend)).ArrayOf();
        int round = 0;
        Prop.ForAll(edits.ToArbitrary(), edits.ToArbitrary(), rules.ToArbitrary(), (first, second, rule) =>
        {
            string at = $"case{round++}";
            Write($"{at}/z", "");
            var filter = new Rule((p, kind) => rule.Any(r => r.Item1 == p && (kind == EntryKind.Directory || r.Item2 == InputVerdict.Prune))
                ? rule.First(r => r.Item1 == p).Item2
                : InputVerdict.Include);
            Apply(at, first);
            ContextSnapshot before = Reading(Reader.ReadAsync($"{Root}/{at}", filter, CancellationToken.None));
            string[] changed = Apply(at, second);

            ContextSnapshot updated = Reading(Reader.UpdateAsync(before, filter, changed, CancellationToken.None));

            ContextSnapshot whole = Reading(Reader.ReadAsync($"{Root}/{at}", filter, CancellationToken.None));
            updated.Entries.Select(Shown).ShouldBe(whole.Entries.Select(Shown));
            updated.Hash.ShouldBe(whole.Hash);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    /// <summary>Does edits, and gives the paths that a watcher would tell.</summary>
    private string[] Apply(string at, (string Path, int How)[] edits)
    {
        var told = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((string path, int how) in edits)
        {
            if (how == 0)
            {
                Delete($"{at}/{path}");
                told.Add(path);
                continue;
            }
            // What stands in the way goes first; what comes is told with the directories that come with it.
            string[] parts = path.Split('/');
            for (int i = 1; i <= parts.Length; i++)
            {
                string above = string.Join('/', parts.Take(i));
                if (i == parts.Length || Reader.ReadAsync($"{Root}/{at}/{above}", new Everything(), CancellationToken.None).GetAwaiter().GetResult() is ContextReading.Unreadable)
                {
                    Delete($"{at}/{above}");
                    told.Add(above);
                }
            }
            Write($"{at}/{path}", $"{how}");
        }
        return [.. told];
    }

    private static ContextSnapshot Reading(Task<ContextReading> reading) => reading.GetAwaiter().GetResult().ShouldBeOfType<ContextReading.Read>().Snapshot;

    private static string Shown(ContextEntry e) => $"{e.Path} {e.Kind} {e.Mode} {e.Size} {e.ModifiedNanoseconds} {e.LinkTarget} {e.Hash}";

    protected async Task<ContextSnapshot> Update(ContextSnapshot before, IInputFilter filter, params string[] changed) =>
        (await Reader.UpdateAsync(before, filter, changed, CancellationToken.None)).ShouldBeOfType<ContextReading.Read>().Snapshot;

    protected async Task<ContextSnapshot> Read(IInputFilter filter) =>
        (await Reader.ReadAsync(Root, filter, CancellationToken.None)).ShouldBeOfType<ContextReading.Read>().Snapshot;

    protected async Task<string[]> Paths(IInputFilter filter) => [.. (await Read(filter)).Entries.Select(e => e.Path)];

    protected sealed class Rule(Func<string, EntryKind, InputVerdict> judge) : IInputFilter
    {
        public InputVerdict Judge(string path, EntryKind kind) => judge(path, kind);
    }
}
