using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every context reader does, on disk or in memory.</summary>
public abstract class ContextReaderContract
{
    protected abstract IContextReader Reader { get; }

    protected abstract string Root { get; }

    protected abstract void Write(string path, string text);

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

        (await Read(new Everything())).Entries.Select(e => e.Hash).ShouldBe([
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        ]);
    }

    [Fact]
    public async Task An_edit_changes_the_hash()
    {
        Write("greeting", "hello");
        string? before = (await Read(new Everything())).Files.Single().Hash;
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

    protected async Task<ContextSnapshot> Read(IInputFilter filter) =>
        (await Reader.ReadAsync(Root, filter, CancellationToken.None)).ShouldBeOfType<ContextReading.Read>().Snapshot;

    protected async Task<string[]> Paths(IInputFilter filter) => [.. (await Read(filter)).Entries.Select(e => e.Path)];

    protected sealed class Rule(Func<string, EntryKind, InputVerdict> judge) : IInputFilter
    {
        public InputVerdict Judge(string path, EntryKind kind) => judge(path, kind);
    }
}
