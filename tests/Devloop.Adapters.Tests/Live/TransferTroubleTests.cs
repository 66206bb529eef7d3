using System.Collections.Immutable;
using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Kubernetes;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Session.Live;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Live;

/// <summary>Containers that cannot be changed, in which something is in the way, or that end meanwhile.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class TransferTroubleTests(LiveCluster test) : IDisposable
{
    private readonly LiveFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_without_rights_is_named_with_the_path(bool helper)
    {
        ContainerPlace place = await (helper ? PlainUserAsync() : test.SharedAsync("plain-tar", () => test.RunAsync("plain-tar", LiveCluster.Tools, command: ["/bin/sleep", "100000"], container: AsUser)));
        Diagnostic why = (await UpdateAsync(test.ByPods, place, _files.File("/app/new", "x"))).ShouldBeOfType<ContainerUpdateOutcome.Refused>().Why;
        why.Code.ShouldBe(DiagnosticCode.ContainerNotPermitted);
        why.Message.ShouldBe(helper
            ? $"user 1000 of container `main` of pod `{place.Pod}` may not change `/app/new`"
            : $"the user of container `main` of pod `{place.Pod}` may not change files there");
    }

    [Fact]
    public async Task A_refusal_is_heard_while_much_more_is_under_way()
    {
        ContainerPlace place = await PlainUserAsync();
        (await UpdateAsync(test.ByPods, place, _files.File("/app/new", new byte[30_000_000]), _files.File("/app/other", new byte[30_000_000])))
            .ShouldBeOfType<ContainerUpdateOutcome.Refused>().Why.Code.ShouldBe(DiagnosticCode.ContainerNotPermitted);
    }

    [Fact]
    public async Task A_read_only_root_is_told_and_a_volume_below_it_can_be_changed()
    {
        ContainerPlace place = await test.RunAsync("read-only", LiveCluster.Bare, helper: true,
            container: c =>
            {
                c["securityContext"] = Json.Parse("""{"readOnlyRootFilesystem": true}""");
                c["volumeMounts"] = new System.Text.Json.Nodes.JsonArray(Json.Parse("""{"name": "data", "mountPath": "/data"}"""));
            },
            pod: p => p["volumes"] = new System.Text.Json.Nodes.JsonArray(Json.Parse("""{"name": "data", "emptyDir": {}}""")));
        string of = $"container `main` of pod `{place.Pod}` has a read-only file system";
        Told(await UpdateAsync(test.ByEngine, place, _files.File("/app/new", "x"))).ShouldBe((DiagnosticCode.ContainerReadOnly, of));
        Told(await UpdateAsync(test.ByPods, place, _files.File("/app/new", "x"))).ShouldBe((DiagnosticCode.ContainerReadOnly, of + " at `/app/new`"));
        (await UpdateAsync(test.ByBoth, place, _files.File("/data/new", "x"))).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
        (await LiveCluster.LookAsync(place, "cat", "/data/new")).ShouldBe("x");
    }

    [Fact]
    public async Task A_container_with_neither_helper_nor_shell_is_told()
    {
        ContainerPlace place = await test.SharedAsync("nothing", () => test.RunAsync("nothing", LiveCluster.Bare));
        (string code, string message) = Told(await UpdateAsync(test.ByPods, place, _files.File("/app/new", "x")));
        code.ShouldBe(DiagnosticCode.ContainerNoTransport);
        message.ShouldBe($"nothing in container `main` of pod `{place.Pod}` can take files: it has neither devloop's helper nor a shell with `head`, `tar` and `rm`");
        (await UpdateAsync(test.ByBoth, place, _files.File("/app/new", "x"))).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
    }

    [Theory]
    [InlineData("engine")]
    [InlineData("mounted")]
    [InlineData("tar")]
    public async Task A_directory_in_the_way_of_a_file_that_allows_none_leaves_everything_as_it_was(string way)
    {
        ContainerPlace place = await (way == "tar" ? test.SharedAsync("tar", () => test.RunAsync("tar", LiveCluster.Tools, command: ["/bin/sleep", "100000"])) : MountedAsync());
        ContainerTransfer transfer = way == "engine" ? test.ByBoth : test.ByPods;
        string directory = "/s-" + way;
        await UpdatedAsync(place, new OverlayEntry.Directory(directory, 0x1ED) { Owner = FileOwner.Root }, new OverlayEntry.Directory(directory + "/app", 0x1ED) { Owner = FileOwner.Root });
        Told(await UpdateAsync(transfer, place, new OverlayEntry.Gone(directory + "/none"), _files.File(directory + "/first", "x"), _files.File(directory + "/app", "x") with { NeverDirectory = true }))
            .ShouldBe((DiagnosticCode.ContainerSurprise, $"container `main` of pod `{place.Pod}` has a directory where a file is to stand, at `{directory}/app`"));
        (await LiveCluster.TreeAsync(place, directory)).Keys.ShouldBe([directory, directory + "/app"], ignoreOrder: true);
        (await UpdateAsync(transfer, place, _files.File(directory + "/file", "x") with { NeverDirectory = true })).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
    }

    [Fact]
    public async Task Files_and_directories_take_each_others_place()
    {
        ContainerPlace place = await MountedAsync();
        await UpdatedAsync(place, _files.File("/t/a/b/c", "x"), _files.File("/t/f", "x"), new OverlayEntry.Link("/t/l", "a") { Owner = FileOwner.Root });
        await UpdatedAsync(place, _files.File("/t/a", "file"), _files.File("/t/f/inside", "x") with { Path = "/t/g" }, new OverlayEntry.Directory("/t/f", 0x1ED) { Owner = FileOwner.Root }, _files.File("/t/l", "no link"));
        IReadOnlyDictionary<string, Found> tree = await LiveCluster.TreeAsync(place, "/t");
        tree.Keys.ShouldBe(["/t", "/t/a", "/t/f", "/t/g", "/t/l"], ignoreOrder: true);
        (tree["/t/a"].Type, tree["/t/f"].Type, tree["/t/l"].Type).ShouldBe((System.Formats.Tar.TarEntryType.RegularFile, System.Formats.Tar.TarEntryType.Directory, System.Formats.Tar.TarEntryType.RegularFile));
    }

    [Fact]
    public async Task An_owner_that_is_not_given_is_that_of_what_stood_there_or_of_the_directory()
    {
        ContainerPlace place = await MountedAsync();
        var (owner, holder) = (new FileOwner(12, 34), new FileOwner(56, 78));
        await UpdatedAsync(place, new OverlayEntry.Directory("/w", 0x1ED) { Owner = holder }, _files.File("/w/kept", "1", owner: owner));
        await UpdatedAsync(place, _files.File("/w/kept", "2") with { Owner = null }, _files.File("/w/new", "3") with { Owner = null }, _files.File("/w/sub/new", "4") with { Owner = null }, new OverlayEntry.Directory("/w/dir", 0x1ED), new OverlayEntry.Link("/w/link", "new"));
        IReadOnlyDictionary<string, Found> tree = await LiveCluster.TreeAsync(place, "/w");
        tree.ToDictionary(t => t.Key, t => t.Value.User, StringComparer.Ordinal).ShouldBe(
            new Dictionary<string, int> { ["/w"] = 56, ["/w/kept"] = 12, ["/w/new"] = 56, ["/w/sub"] = 56, ["/w/sub/new"] = 56, ["/w/dir"] = 56, ["/w/link"] = 56 }, ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_mounted_is_written_in_place_and_a_full_disk_is_told()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("mounted", "before, and longer");
        string id = System.Text.Encoding.UTF8.GetString(await LiveCluster.DockerAsync("run", "-d", "--tmpfs", "/small:size=64k", "-v", directory["mounted"] + ":/app/mounted", LiveCluster.Bare, "/sleep", "1000")).Trim();
        try
        {
            var place = new ContainerPlace("none", "none", "main", "docker://" + id);
            (await UpdateAsync(test.ByEngine, place, _files.File("/app/mounted", "after"))).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
            (await File.ReadAllTextAsync(directory["mounted"])).ShouldBe("after");
            Told(await UpdateAsync(test.ByEngine, place, _files.File("/small/large", new byte[10_000_000]))).ShouldBe((DiagnosticCode.ContainerNoSpace, "container `main` of pod `none` has no space left at `/small/large`"));
            (await LiveCluster.LookAsync(place, "find", "/small", "/app")).ShouldBe("/small\n/app\n/app/kept\n/app/mounted\n");
        }
        finally
        {
            await LiveCluster.DockerAsync("rm", "-f", id);
        }
    }

    [Theory]
    [InlineData("engine")]
    [InlineData("pods")]
    public async Task A_container_that_is_killed_in_mid_transfer_ends_it_and_its_successor_takes_the_next_one(string way)
    {
        string name = "killed-" + way;
        ContainerPlace place = await test.RunAsync(name, LiveCluster.Bare, helper: true);
        var source = new HeldFiles(after: 3_000_000);
        var transfer = way == "engine" ? new ContainerTransfer(null, test.Engine, source, LiveCluster.Programs, TimeProvider.System) : new ContainerTransfer(test.Cluster, null, source, LiveCluster.Programs, TimeProvider.System);
        OverlayEntry.File file = _files.File("/app/big", new byte[6_000_000]);
        Task<ContainerUpdateOutcome> under = transfer.UpdateAsync(new ContainerUpdate { Place = place, Entries = [file] }, TestCluster.Soon());
        await source.Held;

        await LiveCluster.DockerAsync("kill", LiveCluster.Id(place));
        source.Release();

        ContainerUpdateOutcome outcome = await under;
        (outcome is ContainerUpdateOutcome.Gone or ContainerUpdateOutcome.Broken).ShouldBeTrue(outcome.ToString());
        ContainerPlace successor = await test.PlaceAsync(name, "main", other: place.Id);
        successor.Pod.ShouldBe(place.Pod);
        (await UpdateAsync(way == "engine" ? test.ByEngine : test.ByPods, successor, file)).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
        (await LiveCluster.TreeAsync(successor, "/app")).Keys.ShouldBe(["/app", "/app/kept", "/app/big"], ignoreOrder: true);
        if (way == "engine")
            (await UpdateAsync(test.ByEngine, place, file)).ShouldBeOfType<ContainerUpdateOutcome.Gone>();
    }

    [Theory]
    [InlineData("engine")]
    [InlineData("pods")]
    public async Task A_transfer_that_is_cancelled_leaves_nothing_half_done(string way)
    {
        ContainerPlace place = await MountedAsync();
        var source = new HeldFiles(after: 3_000_000);
        var transfer = way == "engine" ? new ContainerTransfer(null, test.Engine, source, LiveCluster.Programs, TimeProvider.System) : new ContainerTransfer(test.Cluster, null, source, LiveCluster.Programs, TimeProvider.System);
        using var cancellation = new CancellationTokenSource();
        CancellationToken soon = TestCluster.Soon();
        await UpdatedAsync(place, new OverlayEntry.Directory($"/c-{way}", 0x1ED) { Owner = FileOwner.Root });
        Task<ContainerUpdateOutcome> under = transfer.UpdateAsync(new ContainerUpdate { Place = place, Entries = [_files.File($"/c-{way}/big", new byte[6_000_000])] }, cancellation.Token);
        await source.Held;
        while ((await LiveCluster.TreeAsync(place, $"/c-{way}")).Count == 1)
            await Task.Delay(50, soon);

        await cancellation.CancelAsync();

        source.Release();
        await Should.ThrowAsync<OperationCanceledException>(under);
        while ((await LiveCluster.TreeAsync(place, $"/c-{way}")).Count > 1)
            await Task.Delay(50, soon);
    }

    [Fact]
    public async Task Two_containers_of_a_pod_are_changed_at_once_each_with_its_own()
    {
        ContainerPlace main = await test.RunAsync("two", LiveCluster.Bare, pod: p => p["containers"]!.AsArray().Add(
            Json.Parse($$$"""{"name": "side", "image": "{{{LiveCluster.Bare}}}", "imagePullPolicy": "IfNotPresent", "command": ["/sleep", "100000"], "securityContext": {"runAsUser": 1000} }""")));
        ContainerPlace side = await test.PlaceAsync("two", "side", other: null);
        await Task.WhenAll(UpdateAsync(test.ByBoth, main, _files.File("/app/which", "main")), UpdateAsync(test.ByBoth, side, _files.File("/app/which", "side")));
        (await LiveCluster.LookAsync(main, "cat", "/app/which")).ShouldBe("main");
        (await LiveCluster.LookAsync(side, "cat", "/app/which")).ShouldBe("side");
    }

    [Fact]
    public async Task An_engine_that_has_not_the_container_leaves_it_to_the_cluster()
    {
        ContainerPlace place = await MountedAsync() with { Id = "docker://" + new string('0', 64) };
        (await UpdateAsync(test.ByBoth, place, _files.File("/elsewhere", "x"))).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
    }

    private static void AsUser(System.Text.Json.Nodes.JsonObject container) => container["securityContext"] = Json.Parse("""{"runAsUser": 1000}""");

    private Task<ContainerPlace> PlainUserAsync() => test.SharedAsync("plain", () => test.RunAsync("plain", LiveCluster.Bare, helper: true, container: AsUser));

    private Task<ContainerPlace> MountedAsync() => test.SharedAsync("mounted", () => test.RunAsync("mounted", LiveCluster.Bare, helper: true));

    private async Task UpdatedAsync(ContainerPlace place, params ImmutableArray<OverlayEntry> entries)
    {
        ContainerUpdateOutcome outcome = await UpdateAsync(test.ByPods, place, entries);
        outcome.ShouldBeOfType<ContainerUpdateOutcome.Updated>(outcome.ToString());
    }

    private static Task<ContainerUpdateOutcome> UpdateAsync(ContainerTransfer transfer, ContainerPlace place, params ImmutableArray<OverlayEntry> entries) =>
        transfer.UpdateAsync(new ContainerUpdate { Place = place, Entries = entries }, TestCluster.Soon());

    private static (string Code, string Message) Told(ContainerUpdateOutcome outcome)
    {
        Diagnostic why = outcome.ShouldBeOfType<ContainerUpdateOutcome.Refused>(outcome.ToString()).Why;
        return (why.Code, why.Message);
    }

    /// <summary>Files that are read so far and no further until they are let go.</summary>
    private sealed class HeldFiles(int after) : ISourceFiles
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously), _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Held => _held.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public void Release() => _released.TrySetResult();

        public Stream? Open(string path) => new HeldStream(this, File.OpenRead(path));

        private sealed class HeldStream(HeldFiles owner, FileStream inner) : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => false;

            public override long Length => inner.Length;

            public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (inner.Position >= owner.After)
                {
                    owner._held.TrySetResult();
                    await owner._released.Task;
                }
                return await inner.ReadAsync(buffer, cancellationToken);
            }

            public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

            public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            public override void Flush() { }

            protected override void Dispose(bool disposing)
            {
                inner.Dispose();
                base.Dispose(disposing);
            }
        }

        private int After => after;
    }
}
