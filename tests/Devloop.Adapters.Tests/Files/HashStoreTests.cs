using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

/// <summary>Hashes that outlive the process: every reader here stands for a process of its own.</summary>
public sealed class HashStoreTests : IDisposable
{
    private const int Many = 300;

    private readonly TemporaryDirectory _files = new();
    private readonly LaterClock _clock = new();
    private readonly List<string> _told = [];

    public HashStoreTests()
    {
        for (int i = 0; i < Many; i++)
            _files.Write($"context/d{i % 7}/f{i}", $"content {i}");
    }

    private string Cache => _files["cache"];

    private string[] Stored => Directory.Exists(Cache) ? [.. Directory.GetFiles(Cache).Where(f => Path.GetFileName(f).Length == 32)] : [];

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Another_process_reads_no_file_that_did_not_change()
    {
        (ContentHash first, long read) = await Process();
        read.ShouldBe(Many);
        (await Process()).ShouldBe((first, 0));

        _files.Write("context/d1/f1", "other");
        (ContentHash second, read) = await Process();
        read.ShouldBe(1);
        second.ShouldNotBe(first);
        (await Process()).ShouldBe((second, 0));
    }

    [Fact]
    public async Task An_edit_between_processes_that_puts_size_and_time_back_is_seen()
    {
        (ContentHash first, _) = await Process();
        string path = _files["context/d1/f1"];
        DateTime when = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, new string('x', (int)new FileInfo(path).Length));
        File.SetLastWriteTimeUtc(path, when);

        (await Process()).Hash.ShouldNotBe(first);
    }

    [Fact]
    public async Task What_was_written_just_before_it_was_read_is_read_again()
    {
        _clock.Ahead = TimeSpan.FromDays(-1); // as if all came into being after the reading
        await Process();

        (await Process()).Read.ShouldBe(Many);
    }

    [Fact]
    public async Task A_small_context_leaves_the_disk_alone()
    {
        Directory.Delete(_files["context"], recursive: true);
        _files.Write("context/a", "1").Write("context/b", "2");
        await Process();

        Directory.Exists(Cache).ShouldBeFalse();
    }

    [Fact]
    public async Task No_path_stands_in_clear_text_in_the_store()
    {
        _files.Write("context/secret-name", "1");
        await Process();

        byte[] bytes = File.ReadAllBytes(Stored.ShouldHaveSingleItem());
        bytes.AsSpan().IndexOf("secret-name"u8).ShouldBe(-1);
        bytes.AsSpan().IndexOf("context"u8).ShouldBe(-1);
    }

    [Fact]
    public async Task A_store_that_was_cut_off_anywhere_is_told_removed_and_made_anew()
    {
        (ContentHash first, _) = await Process();
        string stored = Stored.ShouldHaveSingleItem();
        byte[] whole = File.ReadAllBytes(stored);
        foreach (int length in new[] { 0, 1, 15, 16, 17, whole.Length / 2, whole.Length - 33, whole.Length - 1 })
        {
            File.WriteAllBytes(stored, whole[..length]);
            _told.Clear();
            (await Process()).ShouldBe((first, Many));
            _told.ShouldHaveSingleItem();
            (await Process()).ShouldBe((first, 0));
        }
    }

    [Fact]
    public async Task A_store_with_a_wrong_bit_is_worth_nothing()
    {
        (ContentHash first, _) = await Process();
        string stored = Stored.ShouldHaveSingleItem();
        byte[] whole = File.ReadAllBytes(stored);
        foreach (int at in Enumerable.Range(0, 40).Select(i => i * (whole.Length - 1) / 39))
        {
            byte[] wrong = [.. whole];
            wrong[at] ^= 4;
            File.WriteAllBytes(stored, wrong);
            (await Process()).ShouldBe((first, Many), $"the bit at {at} of {whole.Length}");
        }
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_forgets()
    {
        _files.Write("cache", "a file where the directory should be");

        (await Process()).ShouldBe(await Process());
    }

    [Fact]
    public async Task Two_processes_at_once_lose_nothing_of_each_other()
    {
        ContextReader one = Reader(), other = Reader();
        await Hash(one, new Half(0));
        await Hash(other, new Half(1));
        await one.DisposeAsync();
        await other.DisposeAsync();

        (await Process()).Read.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_of_no_use_for_a_month_is_swept_out_once_a_day()
    {
        await Process();
        string stored = Stored.ShouldHaveSingleItem();
        _files.Write("cache/left.tmp", "by a crash");
        File.SetLastWriteTimeUtc(_files["cache/left.tmp"], DateTime.UtcNow.AddHours(-2));
        _clock.Ahead = TimeSpan.FromDays(1);
        Store().Sweep(CancellationToken.None);
        File.Exists(stored).ShouldBeTrue();
        File.Exists(_files["cache/left.tmp"]).ShouldBeFalse();

        File.SetLastWriteTimeUtc(stored, DateTime.UtcNow.AddDays(-40));
        Store().Sweep(CancellationToken.None);
        File.Exists(stored).ShouldBeTrue("somebody swept today");

        _clock.Ahead = TimeSpan.FromDays(3);
        Store().Sweep(CancellationToken.None);
        File.Exists(stored).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_of_use_is_not_swept_out()
    {
        await Process();
        string stored = Stored.ShouldHaveSingleItem();
        File.SetLastWriteTimeUtc(stored, DateTime.UtcNow.AddDays(-40));
        await Process();
        Store().Sweep(CancellationToken.None);

        File.Exists(stored).ShouldBeTrue();
    }

    private HashStore Store() => new(Cache, _clock, _told.Add);

    private ContextReader Reader() => new(_clock, Store());

    /// <summary>A process from its start to its end: the hash of the context, and how many files were read for it.</summary>
    private async Task<(ContentHash Hash, long Read)> Process()
    {
        ContextReader reader = Reader();
        ContentHash hash = await Hash(reader, new Everything());
        await reader.DisposeAsync();
        return (hash, reader.FilesRead);
    }

    private async Task<ContentHash> Hash(ContextReader reader, IInputFilter filter) =>
        (await reader.ReadAsync(_files["context"], filter, CancellationToken.None)).ShouldBeOfType<ContextReading.Read>().Snapshot.Hash;

    /// <summary>Nearly everything, so that it is many files, but for one.</summary>
    private sealed class Half(int which) : IInputFilter
    {
        public InputVerdict Judge(string path, EntryKind kind) => path.EndsWith($"/f{which}", StringComparison.Ordinal) ? InputVerdict.Prune : InputVerdict.Include;
    }

    /// <summary>The system's clock, ahead: what was just written is old then.</summary>
    private sealed class LaterClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; } = TimeSpan.FromMinutes(1);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
