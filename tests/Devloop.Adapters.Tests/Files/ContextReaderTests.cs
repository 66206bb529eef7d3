using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

public sealed class ContextReaderTests : ContextReaderContract, IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly MovedClock _clock = new();
    private readonly ContextReader _reader;

    public ContextReaderTests() => _reader = new ContextReader(_clock);

    protected override IContextReader Reader => _reader;

    protected override string Root => _files.Root;

    public void Dispose() => _files.Dispose();

    protected override void Write(string path, string text) => _files.Write(path, text);

    protected override void Delete(string path) => File.Delete(_files[path]);

    [Fact]
    public async Task Links_are_listed_with_their_text_wherever_they_lead()
    {
        File.CreateSymbolicLink(_files["out"], "/etc/passwd");
        Directory.CreateSymbolicLink(_files["up"], "../../..");
        File.CreateSymbolicLink(_files["broken"], "nowhere/ä");

        (await Read(new Everything())).Entries.Select(e => (e.Path, e.Kind, e.LinkTarget, e.Size, e.Hash)).ShouldBe([
            ("broken", EntryKind.Symlink, "nowhere/ä", 10L, (string?)null),
            ("out", EntryKind.Symlink, "/etc/passwd", 11L, null),
            ("up", EntryKind.Symlink, "../../..", 8L, null),
        ]);
    }

    [Fact]
    public async Task Pipes_are_left_out_and_never_opened()
    {
        Pipes.Make(_files["pipe"]);
        _files.Write("file", "x");

        (await Paths(new Everything())).ShouldBe(["file"]);
    }

    [Fact]
    public async Task Modes_and_times_are_those_of_the_files()
    {
        _files.Write("script", "#!");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_files["script"], UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.StickyBit);
        File.SetLastWriteTimeUtc(_files["script"], new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        ContextEntry entry = (await Read(new Everything())).Entries.Single();

        Convert.ToString(entry.Mode, 8).ShouldBe("1500");
        entry.ModifiedNanoseconds.ShouldBe(1_704_164_645_000_000_000);
    }

    [Fact]
    public async Task An_unchanged_file_is_not_read_again()
    {
        _files.Write("a", "1").Write("b", "2");
        _clock.Ahead = TimeSpan.FromMinutes(1); // what was just written is old then
        await Read(new Everything());
        _reader.FilesRead.ShouldBe(2);

        _files.Write("b", "3");
        await Read(new Everything());

        _reader.FilesRead.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_was_written_just_before_it_was_hashed_is_read_again()
    {
        _files.Write("a", "1");
        _clock.FreezeAt(File.GetLastWriteTimeUtc(_files["a"]));
        await Read(new Everything());
        await Read(new Everything());

        _reader.FilesRead.ShouldBe(2);
    }

    [Fact]
    public async Task An_edit_that_puts_size_and_time_back_is_seen()
    {
        _clock.Ahead = TimeSpan.FromMinutes(1);
        _files.Write("a", "1");
        DateTime when = File.GetLastWriteTimeUtc(_files["a"]);
        string? before = (await Read(new Everything())).Files.Single().Hash;
        _files.Write("a", "2");
        File.SetLastWriteTimeUtc(_files["a"], when);

        (await Read(new Everything())).Files.Single().Hash.ShouldNotBe(before);
    }

    /// <summary>A file of sysfs that may only be written: not even root may read it, and it says it has a size.</summary>
    [Fact]
    public async Task A_file_that_may_not_be_read_is_named() =>
        (await _reader.ReadAsync("/sys/bus/platform", new Rule((path, _) => path == "drivers_probe" ? InputVerdict.Include : InputVerdict.Prune), CancellationToken.None))
            .ShouldBe(new ContextReading.Unreadable("drivers_probe", "permission denied"));

    [Fact]
    public async Task Reading_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        _files.Write("a", "");

        await Should.ThrowAsync<OperationCanceledException>(_reader.ReadAsync(Root, new Rule((_, _) =>
        {
            cancel.Cancel();
            return InputVerdict.Include;
        }), cancel.Token));
    }

    /// <summary>The system's clock, moved or standing still.</summary>
    private sealed class MovedClock : TimeProvider
    {
        private DateTimeOffset? _frozen;

        public TimeSpan Ahead { get; set; }

        public void FreezeAt(DateTime time) => _frozen = new DateTimeOffset(time);

        public override DateTimeOffset GetUtcNow() => _frozen ?? base.GetUtcNow() + Ahead;
    }
}
