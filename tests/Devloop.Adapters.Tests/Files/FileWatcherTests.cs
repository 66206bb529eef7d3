using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Support;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

public sealed class FileWatcherTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(1));
    private IAsyncEnumerator<FileBatch>? _batches;

    public Task InitializeAsync()
    {
        _files.Write("src/a.txt", "1").Write("src/deep/b.txt", "1").Write(".git/HEAD", "1");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_batches is not null)
            await _batches.DisposeAsync();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task The_first_batch_is_empty_and_says_that_the_watch_stands()
    {
        await Watch(_files.Root);

        _batches!.Current.Paths.ShouldBeEmpty();
        _batches.Current.Overflow.ShouldBeFalse();
    }

    [Fact]
    public async Task An_edit_is_one_path_in_one_batch()
    {
        await Watch(_files.Root);
        _files.Write("src/deep/b.txt", "2");

        (await Next()).Paths.ShouldBe([_files["src/deep/b.txt"]]);
    }

    [Fact]
    public async Task Changes_that_come_together_are_told_together_and_sorted()
    {
        await Watch(_files.Root);
        _files.Write("src/z", "").Write("src/y", "").Write("src/a.txt", "2");

        (await Next()).Paths.ShouldBe([_files["src/a.txt"], _files["src/y"], _files["src/z"]]);
    }

    [Fact]
    public async Task A_save_by_rename_tells_the_file_that_was_replaced()
    {
        await Watch(_files.Root);
        _files.Write("src/.a.txt.swp", "2");
        File.Move(_files["src/.a.txt.swp"], _files["src/a.txt"], overwrite: true);

        await Until(_files["src/a.txt"]);
    }

    [Fact]
    public async Task What_is_in_a_new_directory_is_told_however_fast_it_came()
    {
        await Watch(_files.Root);
        string[] wanted = [.. Enumerable.Range(0, 200).Select(i => _files[$"src/new/{i}/x/y/{i}.txt"])];
        foreach (string path in wanted)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "1");
        }

        await Until(wanted);
    }

    [Fact]
    public async Task A_new_directory_is_watched_from_then_on()
    {
        await Watch(_files.Root);
        _files.Write("src/new/deeper/c.txt", "1");
        await Until(_files["src/new/deeper/c.txt"]);
        await Calm();
        _files.Write("src/new/deeper/c.txt", "2");

        (await Next()).Paths.ShouldBe([_files["src/new/deeper/c.txt"]]);
    }

    [Fact]
    public async Task A_deleted_file_is_told()
    {
        await Watch(_files.Root);
        File.Delete(_files["src/a.txt"]);

        (await Next()).Paths.ShouldBe([_files["src/a.txt"]]);
    }

    [Fact]
    public async Task A_renamed_directory_is_told_under_both_names_and_watched_under_the_new_one()
    {
        await Watch(_files.Root);
        Directory.Move(_files["src/deep"], _files["src/moved"]);
        await Until(_files["src/deep"], _files["src/moved"], _files["src/moved/b.txt"]);
        await Calm();
        _files.Write("src/moved/b.txt", "2");

        (await Next()).Paths.ShouldBe([_files["src/moved/b.txt"]]);
    }

    [Fact]
    public async Task A_directory_that_is_moved_in_is_told_with_its_files()
    {
        using var elsewhere = new TemporaryDirectory();
        elsewhere.Write("dir/one/c.txt", "1");
        await Watch(_files.Root);
        Directory.Move(elsewhere["dir"], _files["dir"]);

        await Until(_files["dir/one/c.txt"]);
    }

    [Fact]
    public async Task A_change_of_mode_is_told()
    {
        await Watch(_files.Root);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_files["src/a.txt"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        (await Next()).Paths.ShouldBe([_files["src/a.txt"]]);
    }

    [Fact]
    public async Task Reading_is_no_change_and_git_is_left_out()
    {
        await Watch(_files.Root);
        await File.ReadAllTextAsync(_files["src/a.txt"]);
        _files.Write(".git/index", "1").Write("src/mark", "");

        (await Next()).Paths.ShouldBe([_files["src/mark"]]);
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        using var elsewhere = new TemporaryDirectory();
        elsewhere.Write("c.txt", "1");
        Directory.CreateSymbolicLink(_files["link"], elsewhere.Root);
        await Watch(_files.Root);
        elsewhere.Write("c.txt", "2");
        _files.Write("src/mark", "");

        (await Next()).Paths.ShouldBe([_files["src/mark"]]);
    }

    [Fact]
    public async Task A_watched_directory_that_is_deleted_and_made_again_is_watched_again()
    {
        await Watch(_files["src"]);
        Directory.Delete(_files["src"], recursive: true);
        await Until(_files["src"]);
        _files.Write("src/a.txt", "2");
        await Until(_files["src/a.txt"]);
        await Calm();
        _files.Write("src/a.txt", "3");

        (await Next()).Paths.ShouldBe([_files["src/a.txt"]]);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_yet_is_watched_when_it_comes()
    {
        await Watch(_files["later/on"]);
        _files.Write("later/on/c.txt", "1");

        await Until(_files["later/on/c.txt"]);
    }

    [Fact]
    public async Task Directories_in_each_other_tell_a_change_once()
    {
        await Watch(_files.Root, _files["src"], _files["src/deep"]);
        _files.Write("src/deep/b.txt", "2");

        (await Next()).Paths.ShouldBe([_files["src/deep/b.txt"]]);
    }

    [Fact]
    public async Task A_stream_of_writes_without_end_still_gives_batches()
    {
        await Watch(_files.Root);
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                File.WriteAllText(_files["src/log"], i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        });

        (await Next()).Paths.ShouldBe([_files["src/log"]]);
        (await Next()).Paths.ShouldBe([_files["src/log"]]);
        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_watch_ends_when_it_is_cancelled()
    {
        await Watch(_files.Root);
        Task<FileBatch> next = Next();
        await _stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(next);
    }

    private async Task Watch(params string[] directories)
    {
        _batches = new FileWatcher().WatchAsync([.. directories], TimeSpan.FromMilliseconds(20), _stop.Token).GetAsyncEnumerator();
        (await _batches.MoveNextAsync()).ShouldBeTrue();
    }

    private async Task<FileBatch> Next()
    {
        (await _batches!.MoveNextAsync()).ShouldBeTrue();
        return _batches.Current;
    }

    /// <summary>Takes batches until all these paths were told.</summary>
    private async Task Until(params string[] paths)
    {
        var missing = paths.ToHashSet();
        while (missing.Count > 0)
            missing.ExceptWith((await Next()).Paths);
    }

    /// <summary>Writes a mark and takes batches up to it, so that nothing older is left.</summary>
    private async Task Calm()
    {
        string mark = Guid.NewGuid().ToString();
        _files.Write($"src/{mark}", "");
        await Until(_files[$"src/{mark}"]);
    }
}

public sealed class FileWatcherKeepsTheContract : Contracts.FileWatcherContract
{
    protected override IFileWatcher Watcher { get; } = new FileWatcher();

    protected override void Change(string path) => File.WriteAllText(path, Guid.NewGuid().ToString());
}
