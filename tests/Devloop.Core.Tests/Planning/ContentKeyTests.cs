using System.Collections.Immutable;
using System.Globalization;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Planning;

public class ContentKeyTests
{
    private static readonly string Config = "version: 1\nimages:\n  api: {context: api, args: {mode: fast, unused: x}}\n";

    private static FakeFileTree Tree(string root = "/project") => new FakeFileTree(root)
        .Write("devloop.yaml", Config)
        .Write("api/Dockerfile", "ARG mode\nFROM scratch AS build\nCOPY src /src\nFROM scratch AS debug\nCOPY tools /tools\nFROM build\nARG mode\n")
        .Write("api/src/a.txt", "a").Write("api/src/deep/b.txt", "b").Link("api/src/link", "a.txt")
        .Write("api/notes.md", "outside").Write("api/tools/x", "not reached by the target");

    [Theory]
    [InlineData("api/src/a.txt", "other")]
    [InlineData("api/src/new.txt", "")]
    [InlineData("api/Dockerfile", "ARG mode\nFROM scratch AS build\nCOPY src /app\nFROM build\nARG mode\n")]
    public void Another_content_of_an_input_is_another_key(string path, string text) => KeyOf(Tree().Write(path, text)).ShouldNotBe(KeyOf(Tree()));

    [Theory]
    [InlineData("api/notes.md", "other")]
    [InlineData("api/tools/x", "other")]
    [InlineData("elsewhere/a.txt", "new")]
    [InlineData("api/src2/a.txt", "new")]
    [InlineData("api/Dockerfile", "# a comment\nARG mode\nFROM scratch AS build\nCOPY   src   /src\nFROM build\nARG mode\n")]
    public void What_the_build_does_not_read_leaves_the_key(string path, string text) => KeyOf(Tree().Write(path, text)).ShouldBe(KeyOf(Tree()));

    [Fact]
    public void Another_link_target_or_a_missing_file_is_another_key()
    {
        KeyOf(Tree().Link("api/src/link", "deep/b.txt")).ShouldNotBe(KeyOf(Tree()));
        FakeFileTree less = Tree();
        less.Delete("api/src/deep/b.txt");
        KeyOf(less).ShouldNotBe(KeyOf(Tree()));
    }

    [Theory]
    [InlineData("mode: fast", "mode: slow", false)]
    [InlineData("unused: x", "unused: y", true)]
    [InlineData("context: api", "context: api, labels: {a: b}", false)]
    [InlineData("context: api", "context: api, platform: linux/arm64", false)]
    [InlineData("context: api", "context: api, network: none", false)]
    [InlineData("context: api", "context: api, extra_hosts: [\"a:1.2.3.4\"]", false)]
    [InlineData("context: api", "context: api, target: debug", false)]
    [InlineData("context: api", "context: api, entrypoint: run", true)]
    public void What_the_config_says_of_the_build_is_in_the_key_and_nothing_else(string was, string @is, bool same)
    {
        ContentKey changed = KeyOf(Tree().Write("devloop.yaml", Config.Replace(was, @is, StringComparison.Ordinal)));
        (changed == KeyOf(Tree())).ShouldBe(same);
    }

    [Fact]
    public void The_root_the_order_of_writing_the_time_and_the_culture_leave_the_key()
    {
        ContentKey key = KeyOf(Tree());
        KeyOf(Tree("/home/someone/else where")).ShouldBe(key);
        KeyOf(Tree().Write("api/src/a.txt", "later").Write("api/src/a.txt", "a")).ShouldBe(key);
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NegativeSign, odd.NumberFormat.NumberGroupSeparator) = ("~", "'");
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = odd;
            KeyOf(Tree()).ShouldBe(key);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_key_is_64_hex_digits() => KeyOf(Tree()).Value.ShouldMatch("^[0-9a-f]{64}$");

    [Fact]
    public void Another_digest_of_a_base_is_another_key()
    {
        ResolvedProject project = FakeWork.Load(Shop.With("base").Image("api", "base").Files()).Value!;
        ContentKey With(string digest) => ContentKeys.Of(project.Image(new ImageName("api")), ContextSnapshot.Empty,
            ImmutableDictionary<ImageName, ImageDigest>.Empty.Add(new ImageName("base"), FakeWork.Digest(digest)), ImmutableDictionary<string, string>.Empty);
        With("one").ShouldNotBe(With("two"));
        With("one").ShouldBe(With("one"));
    }

    [Fact]
    public void Changing_any_one_field_of_any_one_entry_changes_the_key()
    {
        ImageDefinition image = FakeWork.Load(Tree()).Value!.Images[0];
        Gen<ContextEntry> entry =
            from name in Gen.Elements("a", "b", "c/d", "ä", "link x", "a\nb")
            from kind in Gen.Elements(EntryKind.File, EntryKind.Directory, EntryKind.Symlink)
            from mode in Gen.Elements(0x1A4, 0x1ED, 0x180)
            from content in Gen.Elements("x", "y")
            select Entry(name, kind, mode, content);
        Gen<(ContextEntry[] Entries, int Which, int How)> change =
            from entries in entry.NonEmptyListOf()
            from which in Gen.Choose(0, entries.Count - 1)
            from how in Gen.Choose(0, 4)
            select (entries.DistinctBy(e => e.Path).ToArray(), which, how);
        Prop.ForAll(change.ToArbitrary(), c =>
        {
            int at = c.Which % c.Entries.Length;
            ContextEntry was = c.Entries[at];
            ContextEntry? now = c.How switch
            {
                0 => was with { Path = was.Path + "2" },
                1 when was.Kind != EntryKind.Symlink => was with { Mode = was.Mode ^ 1 },
                2 when was.Kind == EntryKind.File => was with { Hash = was.Hash + "0" },
                2 when was.Kind == EntryKind.Symlink => was with { LinkTarget = was.LinkTarget + "0" },
                3 => Entry(was.Path, was.Kind == EntryKind.File ? EntryKind.Symlink : EntryKind.File, was.Mode, "x"),
                _ => null,
            };
            ContextEntry[] changed = now is null ? [.. c.Entries.Where((_, i) => i != at)] : [.. c.Entries.Select((e, i) => i == at ? now : e)];
            KeyOf(image, c.Entries).ShouldNotBe(KeyOf(image, changed));
            KeyOf(image, [.. c.Entries.Select(e => e with { ModifiedNanoseconds = 7 })], "/other").ShouldBe(KeyOf(image, c.Entries));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static ContextEntry Entry(string path, EntryKind kind, int mode, string content) =>
        new(path, kind, mode, 1, 0, kind == EntryKind.Symlink ? content : null, kind == EntryKind.File ? content : null);

    private static ContentKey KeyOf(ImageDefinition image, ContextEntry[] entries, string root = "/project/api") => ContentKeys.Of(image, new ContextSnapshot(root, [.. entries]),
        ImmutableDictionary<ImageName, ImageDigest>.Empty, ImmutableDictionary<string, string>.Empty);

    private static ContentKey KeyOf(FakeFileTree files)
    {
        ImageDefinition image = FakeWork.Load(files).Value.ShouldNotBeNull().Images[0];
        var look = new EngineEffect.TakeFingerprint(WorkId.None, image, ImmutableSortedDictionary<ImageName, ImageDigest>.Empty, IgnoreKnown: true);
        return FakeWork.Fingerprint(files, look, _ => null).ShouldBeOfType<EngineEvent.Fingerprinted>().Fingerprint.Key;
    }
}
