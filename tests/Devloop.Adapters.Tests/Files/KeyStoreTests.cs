using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

public sealed class KeyStoreTests : KeyStoreContract, IDisposable
{
    private readonly TemporaryDirectory _files = new();

    private readonly List<string> _told = [];

    protected override KeyStore Store => new KeyStore(_files.Root, TimeProvider.System, _told.Add);

    private string PathOfA => _files["aa/" + new string('a', 62)];

    /// <summary>All files but the one by which devloops take turns.</summary>
    private string[] Entries => [.. Directory.GetFiles(_files.Root, "*", SearchOption.AllDirectories).Where(f => f != _files["lock"])];

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_key_is_a_file_named_by_its_digits_and_nothing_else_is_left()
    {
        Store.Record(Key('a'), Digest('1'));

        Entries.ShouldBe([PathOfA]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("devloop-key-1 aaaa")]
    [InlineData("something else entirely\n")]
    public void What_does_not_read_as_an_entry_is_a_miss_and_is_replaced(string content)
    {
        _files.Write("aa/" + new string('a', 62), content);

        Store.Find(Key('a')).ShouldBeNull();
        Store.Record(Key('a'), Digest('1'));
        Store.Find(Key('a')).ShouldBe(Digest('1'));
    }

    [Fact]
    public void A_damaged_entry_is_told_once_and_removed()
    {
        _files.Write("aa/" + new string('a', 62), "devloop-key-1 aaaa");
        Store.Find(Key('a')).ShouldBeNull();
        Store.Find(Key('a')).ShouldBeNull();

        _told.ShouldBe(["the entry of key aaaaaaaa in the key store was damaged; it counts as missing"]);
        Entries.ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_entry_gives_way_to_a_record()
    {
        _files.Write("aa/" + new string('a', 62), "devloop-key-1 aaaa");
        Store.Record(Key('a'), Digest('1')).ShouldBe(Digest('1'));

        Store.Find(Key('a')).ShouldBe(Digest('1'));
    }

    [Fact]
    public void What_was_of_no_use_for_long_and_what_crashes_left_is_swept_out_at_most_once_a_day()
    {
        Store.Record(Key('a'), Digest('1'));
        Store.Record(Key('b'), Digest('2'));
        _files.Write("bb/old.tmp", "").Write("bb/new.tmp", "");
        Age("aa/" + new string('a', 62), days: 100);
        Age("bb/old.tmp", days: 1);
        Store.Sweep(CancellationToken.None);
        Store.Find(Key('a')).ShouldBeNull();
        Store.Find(Key('b')).ShouldBe(Digest('2'));
        Directory.GetFiles(_files["bb"]).Select(Path.GetFileName).ShouldBe([new string('b', 62), "new.tmp"], ignoreOrder: true);

        Age("bb/" + new string('b', 62), days: 100);
        Store.Sweep(CancellationToken.None);
        Store.Find(Key('b')).ShouldBe(Digest('2'), "somebody swept today");
    }

    [Fact]
    public void What_is_found_is_of_use()
    {
        Store.Record(Key('a'), Digest('1'));
        Age("aa/" + new string('a', 62), days: 100);
        Store.Find(Key('a')).ShouldNotBeNull();
        Store.Sweep(CancellationToken.None);

        Store.Find(Key('a')).ShouldBe(Digest('1'));
    }

    private void Age(string path, int days) => File.SetLastWriteTimeUtc(_files[path], DateTime.UtcNow.AddDays(-days));

    [Fact]
    public void Every_half_written_entry_is_a_miss()
    {
        Store.Record(Key('a'), Digest('1'));
        byte[] whole = File.ReadAllBytes(PathOfA);
        for (int length = 0; length < whole.Length - 1; length++) // all but the end of line
        {
            File.WriteAllBytes(PathOfA, whole[..length]);
            Store.Find(Key('a')).ShouldBeNull();
        }
    }

    [Fact]
    public void An_entry_that_was_tampered_with_is_a_miss()
    {
        Store.Record(Key('a'), Digest('1'));
        File.WriteAllText(PathOfA, File.ReadAllText(PathOfA).Replace("sha256:1", "sha256:2", StringComparison.Ordinal));

        Store.Find(Key('a')).ShouldBeNull();
    }

    [Fact]
    public void An_entry_of_another_key_is_a_miss()
    {
        Store.Record(Key('b'), Digest('1'));
        Directory.CreateDirectory(Path.GetDirectoryName(PathOfA)!);
        File.Copy(_files["bb/" + new string('b', 62)], PathOfA);

        Store.Find(Key('a')).ShouldBeNull();
    }

    [Fact]
    public void A_temporary_file_that_a_crash_left_does_no_harm()
    {
        _files.Write($"aa/{new string('a', 62)}.0123.tmp", "devloop-k");

        Store.Find(Key('a')).ShouldBeNull();
        Store.Record(Key('a'), Digest('1'));
        Store.Find(Key('a')).ShouldBe(Digest('1'));
    }

    [Fact]
    public void A_store_that_cannot_be_written_forgets()
    {
        _files.Write("file", "");
        var store = new KeyStore(_files["file/below"]);
        store.Record(Key('a'), Digest('1'));

        store.Find(Key('a')).ShouldBeNull();
    }

    [Fact]
    public void The_users_store_lies_in_the_cache_directory()
    {
        KeyStore.OfUser(name => name == "XDG_CACHE_HOME" ? _files.Root : null).Record(Key('a'), Digest('1'));

        File.Exists(_files["devloop/v1/keys/aa/" + new string('a', 62)]).ShouldBeTrue();
    }

    [Fact]
    public void What_is_no_key_never_becomes_a_path() =>
        Should.Throw<ArgumentException>(() => Store.Record(new ContentKey("../../etc/passwd"), Digest('1')));
}
