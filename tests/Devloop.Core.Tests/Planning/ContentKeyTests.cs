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
    [InlineData("unused: x", "SOURCE_DATE_EPOCH: 0", true)]
    [InlineData("unused: x", "SOURCE_DATE_EPOCH: 7", false)]
    [InlineData("context: api", "context: api, labels: {a: b}", false)]
    [InlineData("context: api", "context: api, platform: linux/arm64", false)]
    [InlineData("context: api", "context: api, network: none", false)]
    [InlineData("context: api", "context: api, extra_hosts: [\"a:1.2.3.4\"]", false)]
    [InlineData("context: api", "context: api, target: debug", false)]
    [InlineData("context: api", "context: api, secrets: {token: {env: A}}", false)]
    [InlineData("context: api", "context: api, ssh: [default]", false)]
    [InlineData("context: api", "context: api, shm_size: 64m", false)]
    [InlineData("context: api", "context: api, ulimits: {nofile: 1024}", false)]
    [InlineData("context: api", "context: api, annotations: {a: b}", false)]
    [InlineData("context: api", "context: api, sbom: true", false)]
    [InlineData("context: api", "context: api, provenance: true", false)]
    [InlineData("context: api", "context: api, sbom: false, provenance: false", true)]
    [InlineData("context: api", "context: api, platforms: [linux/amd64]", true)]
    [InlineData("context: api", "context: api, platforms: [linux/amd64, linux/arm64]", false)]
    [InlineData("context: api", "context: api, no_cache: true", true)]
    [InlineData("context: api", "context: api, no_cache: [build]", true)]
    [InlineData("context: api", "context: api, cache_from: [reg.io/cache]", true)]
    [InlineData("context: api", "context: api, cache_to: [{type: inline}]", true)]
    [InlineData("context: api", "context: api, tags: [v1]", true)]
    [InlineData("context: api", "context: api, match_in_env: true", true)]
    [InlineData("context: api", "context: api, entrypoint: run", false)]
    public void What_the_config_says_of_the_build_is_in_the_key_and_nothing_else(string was, string @is, bool same)
    {
        ContentKey changed = KeyOf(Tree().Write("devloop.yaml", Config.Replace(was, @is, StringComparison.Ordinal)));
        (changed == KeyOf(Tree())).ShouldBe(same);
    }

    [Fact]
    public void A_secret_counts_by_its_id_and_not_by_where_its_value_is()
    {
        ContentKey With(string secret, string agent) =>
            KeyOf(Tree().Write("devloop.yaml", Config.Replace("context: api", $"context: api, secrets: [{secret}], ssh: [{agent}]", StringComparison.Ordinal)));
        With("'id=a,env=X'", "default").ShouldBe(With("'id=a,src=/home/me/x'", "default=/run/me.sock"));
        With("'id=a,env=X'", "default").ShouldNotBe(With("'id=b,env=X'", "default"));
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

    /// <summary>Trees of a few names, so that files, directories and links meet in the same places.</summary>
    private static readonly Gen<ContextEntry> AnyEntry =
        from path in Gen.Elements("a", "b", "ä", "link x", "a\nb").NonEmptyListOf().Select(p => string.Join('/', p.Take(4)))
        from kind in Gen.Choose(0, 5)
        from mode in Gen.Elements(0x1A4, 0x1ED, 0x180)
        from content in Gen.Elements("x", "y", "")
        select kind switch { 0 => Snapshots.Link(path, content), 1 => Snapshots.Directory(path, mode), _ => Snapshots.File(path, content, mode) };

    [Fact]
    public void Changing_any_one_field_of_any_one_input_changes_the_key_and_times_and_place_do_not()
    {
        ImageDefinition image = FakeWork.Load(Tree()).Value!.Images[0];
        Gen<(ContextEntry[] Entries, int Which, int How)> change =
            from entries in AnyEntry.NonEmptyListOf()
            from which in Gen.Choose(0, 1000)
            from how in Gen.Choose(0, 4)
            select (Snapshots.Of("/", entries.DistinctBy(e => e.Path)).Entries.ToArray(), which, how);
        Prop.ForAll(change.ToArbitrary(), c =>
        {
            ContentKey key = KeyOf(image, c.Entries);
            ContextEntry was = c.Entries[c.Which % c.Entries.Length];
            ContextEntry[] others = [.. c.Entries.Where(e => e.Path != was.Path)];
            ContextEntry[] changed = c.How switch
            {
                // With a directory goes what is in it.
                0 => [.. others.Where(e => !e.Path.StartsWith(was.Path + "/", StringComparison.Ordinal))],
                1 => Renamed(c.Entries, was.Path, was.Path + "2"),
                2 when was.Kind != EntryKind.Symlink => [.. others, was with { Node = was.Node with { Mode = was.Mode ^ 1 } }],
                3 => [.. others, was.Node is ContextNode.File ? Snapshots.Link(was.Path, "x") : Snapshots.File(was.Path, "x")],
                _ => [.. others, was.Node switch
                {
                    ContextNode.File file => was with { Node = file with { Hash = ContentHash.Of("z"u8) } },
                    ContextNode.Link link => was with { Node = link with { Target = link.Target + "0" } },
                    _ => Snapshots.File(was.Path + "/new", ""),
                }],
            };
            KeyOf(image, changed).ShouldNotBe(key);
            KeyOf(image, [.. c.Entries.Select(e => e with { Node = e.Node with { ModifiedNanoseconds = 7 } })], "/other").ShouldBe(key);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void Two_trees_have_one_hash_only_when_they_are_the_same() =>
        Prop.ForAll(AnyEntry.ListOf().Two().ToArbitrary(), trees =>
        {
            (ContextSnapshot a, ContextSnapshot b) = (Snapshots.Of("/a", trees.Item1.DistinctBy(e => e.Path)), Snapshots.Of("/b", trees.Item2.DistinctBy(e => e.Path)));
            bool same = a.Entries.Select(Meaning).SequenceEqual(b.Entries.Select(Meaning));
            (a.Hash == b.Hash).ShouldBe(same);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Whatever_is_changed_outside_the_inputs_leaves_the_key()
    {
        ContentKey key = KeyOf(Tree());
        Gen<string> outside =
            from start in Gen.Elements("api/notes", "api/tools", "api/src2", "api/sr", "web", "api")
            from rest in Gen.Elements("a", "src", "deep", "x.txt").NonEmptyListOf()
            select start + "/" + string.Join('/', rest.Where(r => start != "api" || r != "src").Append("end").Take(4));
        Prop.ForAll(outside.ToArbitrary(), Gen.Elements("", "a", "other").ToArbitrary(), (path, text) =>
            KeyOf(Tree().Write(path, text)).ShouldBe(key)).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static ContextEntry[] Renamed(ContextEntry[] entries, string from, string to) => [.. entries.Select(e =>
        e.Path == from ? new ContextEntry(to, e.Node with { Name = Snapshots.NameOf(to) })
        : e.Path.StartsWith(from + "/", StringComparison.Ordinal) ? new ContextEntry(to + e.Path[from.Length..], e.Node) : e)];

    private static string Meaning(ContextEntry e) => $"{e.Kind} {e.Path.Length} {e.Path} {(e.Kind == EntryKind.Symlink ? 0 : e.Mode)} {e.Hash} {e.LinkTarget}";

    private static ContentKey KeyOf(ImageDefinition image, ContextEntry[] entries, string root = "/project/api") => ContentKeys.Of(image, Snapshots.Of(root, entries),
        ImmutableDictionary<ImageName, ImageDigest>.Empty, ImmutableDictionary<string, string>.Empty);

    private static ContentKey KeyOf(FakeFileTree files)
    {
        ImageDefinition image = FakeWork.Load(files).Value.ShouldNotBeNull().Images[0];
        var look = new EngineEffect.TakeFingerprint(WorkId.None, image, ImmutableSortedDictionary<ImageName, ImageDigest>.Empty, Known: null, IgnoreKnown: true);
        return FakeWork.Fingerprint(files, look, _ => null).ShouldBeOfType<EngineEvent.Fingerprinted>().Fingerprint.Key;
    }
}
