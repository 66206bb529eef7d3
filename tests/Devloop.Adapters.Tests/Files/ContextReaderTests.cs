using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;
using FsCheck;
using FsCheck.Fluent;

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

    protected override void Delete(string path)
    {
        if (Directory.Exists(_files[path]) && new FileInfo(_files[path]).LinkTarget is null)
            Directory.Delete(_files[path], recursive: true);
        else if (Directory.Exists(Path.GetDirectoryName(_files[path])))
            File.Delete(_files[path]);
    }

    [Fact]
    public async Task Links_are_listed_with_their_text_wherever_they_lead()
    {
        File.CreateSymbolicLink(_files["out"], "/etc/passwd");
        Directory.CreateSymbolicLink(_files["up"], "../../..");
        File.CreateSymbolicLink(_files["broken"], "nowhere/ä");

        (await Read(new Everything())).Entries.Select(e => (e.Path, e.Kind, e.LinkTarget, e.Size, e.Hash)).ShouldBe([
            ("broken", EntryKind.Symlink, "nowhere/ä", 10L, (ContentHash?)null),
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
        ContentHash? before = (await Read(new Everything())).Files.Single().Hash;
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

    [Fact]
    public async Task An_update_reads_no_file_but_those_that_changed()
    {
        _clock.Ahead = TimeSpan.FromMinutes(1);
        for (int i = 0; i < 50; i++)
            _files.Write($"d{i % 5}/f{i}", $"{i}");
        ContextSnapshot before = await Read(new Everything());
        _files.Write("d1/f1", "new");
        long read = _reader.FilesRead;

        ContextSnapshot after = await Update(before, new Everything(), "d1/f1");

        (_reader.FilesRead - read).ShouldBe(1);
        after.Find("d2").ShouldBeSameAs(before.Find("d2"));
    }

    [Fact]
    public async Task A_directory_that_becomes_a_link_is_not_entered_by_an_update()
    {
        _files.Write("a/b", "1").Write("c/b", "2");
        ContextSnapshot before = await Read(new Everything());
        Directory.Delete(_files["a"], recursive: true);
        Directory.CreateSymbolicLink(_files["a"], "c");

        (await Update(before, new Everything(), "a/b")).Entries.Select(e => (e.Path, e.Kind)).ShouldBe([("a", EntryKind.Symlink), ("c", EntryKind.Directory), ("c/b", EntryKind.File)]);
    }

    /// <summary>Contents, modes, links, moves of directories, in any order.</summary>
    [Fact]
    public void An_update_gives_what_a_reading_of_everything_gives_whatever_happens_on_disk()
    {
        Gen<string> path = Gen.Elements("a", "b", "ä").NonEmptyListOf().Select(p => string.Join('/', p.Take(3)));
        Gen<(string, string, int)[]> edits = (from a in path from b in path from how in Gen.Choose(0, 5) select (a, b, how)).ArrayOf();
        int round = 0;
        Prop.ForAll(edits.ToArbitrary(), edits.ToArbitrary(), (first, second) =>
        {
            string at = _files[$"disk{round++}"];
            Directory.CreateDirectory(at);
            Happen(at, first);
            ContextSnapshot before = ReadAll(at);
            string[] changed = Happen(at, second);

            ContextSnapshot updated = _reader.UpdateAsync(before, new Everything(), changed, CancellationToken.None).GetAwaiter().GetResult().ShouldBeOfType<ContextReading.Read>().Snapshot;

            updated.Entries.ShouldBe(ReadAll(at).Entries, new SameEntry());
            updated.Hash.ShouldBe(ReadAll(at).Hash);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private ContextSnapshot ReadAll(string directory) =>
        _reader.ReadAsync(directory, new Everything(), CancellationToken.None).GetAwaiter().GetResult().ShouldBeOfType<ContextReading.Read>().Snapshot;

    /// <summary>What fails because something else stands there has not happened. Gives the paths that a watcher tells.</summary>
    private static string[] Happen(string at, (string Path, string Other, int How)[] edits)
    {
        var told = new HashSet<string>();
        foreach ((string path, string other, int how) in edits)
        {
            string full = Path.Combine(at, path), target = Path.Combine(at, other);
            // What happens through a link happens elsewhere, and is told as happening there.
            if (IsThroughLink(at, path, itself: how is 0 or 3) || (how == 5 && IsThroughLink(at, other, itself: false)))
                continue;
            told.Add(path);
            try
            {
                switch (how)
                {
                    case 0:
                        File.WriteAllText(full, other);
                        break;
                    case 1:
                        // Those above it are told too, also when it comes to no more than them.
                        string[] parts = path.Split('/');
                        told.UnionWith(Enumerable.Range(1, parts.Length).Select(n => string.Join('/', parts.Take(n))));
                        Directory.CreateDirectory(full);
                        break;
                    case 2:
                        File.CreateSymbolicLink(full, other);
                        break;
                    case 3 when !OperatingSystem.IsWindows():
                        File.SetUnixFileMode(full, File.GetUnixFileMode(full) ^ UnixFileMode.OtherExecute);
                        break;
                    case 4 when Directory.Exists(full):
                        Directory.Delete(full, recursive: true);
                        break;
                    case 4:
                        File.Delete(full);
                        break;
                    default:
                        told.Add(other);
                        Directory.Move(full, target);
                        break;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Something stands in the way.
            }
        }
        return [.. told];
    }

    private static bool IsThroughLink(string at, string path, bool itself)
    {
        string[] parts = path.Split('/');
        return Enumerable.Range(1, itself ? parts.Length : parts.Length - 1).Any(n => new FileInfo(Path.Combine(at, string.Join('/', parts.Take(n)))).LinkTarget is not null);
    }

    private sealed class SameEntry : IEqualityComparer<ContextEntry>
    {
        public bool Equals(ContextEntry x, ContextEntry y) => Text(x) == Text(y);

        public int GetHashCode(ContextEntry entry) => entry.Path.GetHashCode(StringComparison.Ordinal);

        private static string Text(ContextEntry e) => $"{e.Path} {e.Kind} {e.Mode} {e.Size} {e.ModifiedNanoseconds} {e.LinkTarget} {e.Hash}";
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
