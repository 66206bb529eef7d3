using System.Collections.Immutable;
using System.Formats.Tar;
using System.Security.Cryptography;
using Devloop.Adapters.Tests.Kubernetes;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Session.Live;

namespace Devloop.Adapters.Tests.Live;

/// <summary>What every way into a container does.</summary>
public abstract class TransferContract(LiveCluster test) : IDisposable
{
    private const int Large = 200 * 1024 * 1024;

    private readonly LiveFiles _files = new();

    protected LiveCluster Test { get; } = test;

    private protected LiveFiles Files => _files;

    protected abstract ContainerTransfer Transfer { get; }

    /// <summary>A container that the way reaches; tests write to directories of their own.</summary>
    protected abstract Task<ContainerPlace> PlaceAsync();

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Files_directories_and_links_come_as_they_are_here()
    {
        ContainerPlace place = await PlaceAsync();
        var owner = new FileOwner(12, 34);
        string deep = "/a/deep/" + string.Join('/', Enumerable.Repeat(new string('d', 60), 5)) + "/end";
        ImmutableArray<OverlayEntry> entries =
        [
            new OverlayEntry.Directory("/a", 0x1ED) { Owner = FileOwner.Root },
            _files.File("/a/plain", "content"),
            _files.File("/a/empty", ""),
            _files.File("/a/run.sh", "#!/bin/sh\n", mode: 0x1ED),
            _files.File("/a/owned", "x", mode: 0x180, owner: owner),
            _files.File("/a/far", "x", owner: new FileOwner(3_000_000, 3_000_001)),
            new OverlayEntry.Directory("/a/shared", 0x3FF) { Owner = owner },
            new OverlayEntry.Link("/a/link", "plain") { Owner = FileOwner.Root },
            new OverlayEntry.Link("/a/nowhere", "/no/such/" + new string('l', 150)) { Owner = FileOwner.Root },
            _files.File("/a/two words", "1"),
            _files.File("/a/line\nbreak", "2"),
            _files.File("/a/naïve-文件", "3"),
            _files.File("/a/-rf", "4"),
            _files.File("/a/blob", RandomNumberGenerator.GetBytes(700_001)),
            _files.File(deep, "deep"),
        ];

        await UpdatedAsync(place, entries);

        IReadOnlyDictionary<string, Found> tree = await LiveCluster.TreeAsync(place, "/a");
        foreach (OverlayEntry entry in entries)
            ShouldStand(tree, entry);
        tree.Count(t => !t.Key.StartsWith("/a/deep", StringComparison.Ordinal)).ShouldBe(entries.Length - 1);
    }

    [Fact]
    public async Task What_stands_there_is_replaced_and_what_is_gone_goes()
    {
        ContainerPlace place = await PlaceAsync();
        await UpdatedAsync(place,
        [
            _files.File("/r/old/one", "1"), _files.File("/r/old/sub/two", "2"), _files.File("/r/changed", "before"), _files.File("/r/mode", "m"),
            _files.File("/r/-dashed", "d"), new OverlayEntry.Link("/r/link", "changed") { Owner = FileOwner.Root }, _files.File("/r/kept", "k"),
            new OverlayEntry.Link("/r/to-kept", "kept-directory") { Owner = FileOwner.Root }, _files.File("/r/kept-directory/inside", "i"),
        ]);
        OverlayEntry[] after =
        [
            new OverlayEntry.Directory("/r/new", 0x1ED) { Owner = FileOwner.Root }, _files.File("/r/new/one", "1"), new OverlayEntry.Directory("/r/new/sub", 0x1ED) { Owner = FileOwner.Root }, _files.File("/r/new/sub/two", "2"),
            _files.File("/r/changed", "after"), _files.File("/r/mode", "m", mode: 0x1ED), new OverlayEntry.Link("/r/link", "mode") { Owner = FileOwner.Root },
        ];

        await UpdatedAsync(place, [new OverlayEntry.Gone("/r/old"), new OverlayEntry.Gone("/r/-dashed"), new OverlayEntry.Gone("/r/to-kept"), new OverlayEntry.Gone("/r/never/was"), .. after]);

        IReadOnlyDictionary<string, Found> tree = await LiveCluster.TreeAsync(place, "/r");
        foreach (OverlayEntry entry in after)
            ShouldStand(tree, entry);
        tree.Keys.Except(after.Select(a => a.Path)).ShouldBe(["/r", "/r/kept", "/r/kept-directory", "/r/kept-directory/inside"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_thousand_files_come_and_go_at_once()
    {
        ContainerPlace place = await PlaceAsync();
        ImmutableArray<OverlayEntry> entries = _files.Many("/many", 1000, 4096);
        await UpdatedAsync(place, entries);
        IReadOnlyDictionary<string, Found> tree = await LiveCluster.TreeAsync(place, "/many");
        tree.Count.ShouldBe(1001);
        foreach (OverlayEntry entry in entries)
            ShouldStand(tree, entry);

        await UpdatedAsync(place, [.. entries.OfType<OverlayEntry.File>().Select(f => new OverlayEntry.Gone(f.Path))]);

        (await LiveCluster.TreeAsync(place, "/many")).Keys.ShouldBe(["/many"]);
    }

    [Fact]
    public async Task Two_hundred_megabytes_go_through_without_being_held()
    {
        ContainerPlace place = await PlaceAsync();
        using var directory = new Support.TemporaryDirectory();
        byte[] piece = RandomNumberGenerator.GetBytes(1024 * 1024);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (FileStream source = File.Create(directory["large"]))
        {
            for (int i = 0; i < Large / piece.Length; i++)
            {
                hash.AppendData(piece);
                source.Write(piece);
            }
        }
        byte[] sum = hash.GetHashAndReset();
        long most = 0;
        using var peak = new Timer(_ => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false)), null, 0, 10);
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await UpdatedAsync(place, [new OverlayEntry.File("/large", directory["large"], Large, new ContentHash(sum), 0x1A4, 0) { Owner = FileOwner.Root }]);

        (await LiveCluster.LookAsync(place, "sha256sum", "/large")).ShouldStartWith(Convert.ToHexStringLower(sum));
        (most - before).ShouldBeLessThan(60 * 1024 * 1024);
        await UpdatedAsync(place, [new OverlayEntry.Gone("/large")]);
    }

    [Fact]
    public async Task A_file_that_changed_since_it_was_hashed_is_told_and_what_stood_there_stays()
    {
        ContainerPlace place = await PlaceAsync();
        await UpdatedAsync(place, [_files.File("/o/small", "as it was"), _files.File("/o/big", "as it was")]);
        OverlayEntry.File small = _files.File("/o/small", "hashed"), big = _files.File("/o/big", new byte[5_000_000]);
        await File.WriteAllTextAsync(small.Source, "chaged");
        await File.WriteAllBytesAsync(big.Source, [.. new byte[4_999_999], 1]);

        (await UpdateAsync(place, [small])).ShouldBeOfType<ContainerUpdateOutcome.Obsolete>().Source.ShouldBe(small.Source);
        (await UpdateAsync(place, [big])).ShouldBeOfType<ContainerUpdateOutcome.Obsolete>().Source.ShouldBe(big.Source);

        (await LiveCluster.TreeAsync(place, "/o"))["/o/small"].Hash.ShouldBe(ContentHash.Of("as it was"u8));
        File.Delete(small.Source);
        (await UpdateAsync(place, [small])).ShouldBeOfType<ContainerUpdateOutcome.Obsolete>();
    }

    protected static void ShouldStand(IReadOnlyDictionary<string, Found> tree, OverlayEntry entry)
    {
        Found found = tree.ShouldContainKeyAndGet(entry.Path);
        (found.User, found.Group).ShouldBe((entry.Owner!.Value.User, entry.Owner!.Value.Group), entry.Path);
        switch (entry)
        {
            case OverlayEntry.File file:
                (found.Type, found.Mode, found.Seconds, found.Hash).ShouldBe((TarEntryType.RegularFile, file.Mode, file.ModifiedNanoseconds / 1_000_000_000, file.Hash), file.Path);
                break;
            case OverlayEntry.Directory directory:
                (found.Type, found.Mode).ShouldBe((TarEntryType.Directory, directory.Mode), directory.Path);
                break;
            case OverlayEntry.Link link:
                (found.Type, found.Link).ShouldBe((TarEntryType.SymbolicLink, link.Target), link.Path);
                break;
        }
    }

    protected async Task UpdatedAsync(ContainerPlace place, ImmutableArray<OverlayEntry> entries)
    {
        ContainerUpdateOutcome outcome = await UpdateAsync(place, entries);
        outcome.ShouldBeOfType<ContainerUpdateOutcome.Updated>(outcome.ToString());
    }

    protected Task<ContainerUpdateOutcome> UpdateAsync(ContainerPlace place, ImmutableArray<OverlayEntry> entries) =>
        Transfer.UpdateAsync(new ContainerUpdate { Place = place, Entries = entries }, TestCluster.Soon());
}

internal static class TreeAssertions
{
    public static Found ShouldContainKeyAndGet(this IReadOnlyDictionary<string, Found> tree, string path)
    {
        tree.Keys.ShouldContain(path);
        return tree[path];
    }
}
