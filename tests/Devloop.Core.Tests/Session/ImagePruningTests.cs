using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

public class ImagePruningTests
{
    private static readonly Shop Web = Shop.With("api").Running("web", ["api"]);

    [Fact]
    public async Task What_went_is_gone_and_a_dry_run_leaves_everything()
    {
        (LiveWorld world, ImageDigest[] built) = await BuiltAsync(3);

        PruneReport plan = await PruneAsync(world, [built[2]], keep: 1, dryRun: true);
        Gone(plan).ShouldBe([built[0], built[1]], ignoreOrder: true);
        plan.FreedBytes.ShouldBe(2 * Testing.FakeImageStore.OwnBytes);
        foreach (ImageDigest digest in built)
            (await world.Store.FindAsync(digest.Value, default)).ShouldBe(digest);

        PruneReport report = await PruneAsync(world, [built[2]], keep: 1);
        Gone(report).ShouldBe(Gone(plan));
        report.FreedBytes.ShouldBe(plan.FreedBytes);
        (await world.Store.FindAsync(built[0].Value, default)).ShouldBeNull();
        (await world.Store.FindAsync(built[2].Value, default)).ShouldBe(built[2]);
        (await PruneAsync(world, [built[2]], keep: 1)).FreedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task What_containers_and_the_cluster_have_stays()
    {
        (LiveWorld world, ImageDigest[] built) = await BuiltAsync(3);
        world.Store.Used.Add(built[0]);
        await using (LiveRun run = world.Ci())
            (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);

        // The cluster runs the newest.
        PruneReport report = await PruneAsync(world, [], keep: 0);

        Gone(report).ShouldBe([built[1]]);
        report.Items.ToDictionary(i => i.Digest, i => i.Kept)[built[2]].ShouldBe("the cluster names it");
    }

    [Fact]
    public async Task The_cache_is_emptied_only_when_asked_for()
    {
        (LiveWorld world, _) = await BuiltAsync(1);
        world.Store.CacheBytes = 77;

        (await PruneAsync(world, [], keep: 3)).FreedBytes.ShouldBe(0);
        world.Store.CacheBytes.ShouldBe(77);
        (await PruneAsync(world, [], keep: 3, cache: true, dryRun: true)).FreedBytes.ShouldBe(77);
        world.Store.CacheBytes.ShouldBe(77);
        (await PruneAsync(world, [], keep: 3, cache: true)).FreedBytes.ShouldBe(77);
        world.Store.CacheBytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_registry_loses_what_the_engine_loses_with_its_aliases()
    {
        (LiveWorld world, ImageDigest[] built) = await BuiltAsync(2, pushed: true);
        world.Registry.TagsOf("reg.io/api").Count(t => t.StartsWith("devloop-key-", StringComparison.Ordinal)).ShouldBe(2);

        Gone(await PruneAsync(world, [built[1]], keep: 1)).ShouldBe([built[0], built[0]]);

        world.Registry.TagsOf("reg.io/api").ShouldNotContain(ContentTag.Of(built[0]).Value);
        world.Registry.TagsOf("reg.io/api").ShouldContain(ContentTag.Of(built[1]).Value);
        world.Registry.TagsOf("reg.io/api").Count(t => t.StartsWith("devloop-key-", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_registry_is_left_alone_when_the_cluster_is_silent_or_it_deletes_nothing()
    {
        (LiveWorld world, ImageDigest[] built) = await BuiltAsync(2, pushed: true);

        PruneReport silent = await PruneAsync(world, [built[1]], keep: 1, clusterIsSilent: true, dryRun: true);
        silent.Remarks.ShouldBe(["nothing is deleted from `reg.io`: the cluster cannot be asked what it runs"]);

        world.Registry.Deletes = false;
        PruneReport refused = await PruneAsync(world, [built[1]], keep: 1);
        refused.Remarks.ShouldBe(["nothing is deleted from `reg.io`: the registry does not delete"]);
        refused.Failures.ShouldBeEmpty();
        world.Registry.TagsOf("reg.io/api").ShouldContain(ContentTag.Of(built[0]).Value);
    }

    [Fact]
    public async Task A_registry_out_of_reach_fails_alone()
    {
        (LiveWorld world, ImageDigest[] built) = await BuiltAsync(2, pushed: true);
        world.Registry.Away = Diagnostic.Error(DiagnosticCode.RegistryUnreachable, "the registry is away");

        PruneReport report = await PruneAsync(world, [built[1]], keep: 1);

        report.Failures.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.PruneIncomplete);
        Gone(report).ShouldBe([built[0]]);
    }

    private static async Task<(LiveWorld World, ImageDigest[] Built)> BuiltAsync(int times, bool pushed = false)
    {
        var world = new LiveWorld(Web);
        if (pushed)
            world.Files.Write("devloop.yaml", "version: 1\nregistry: {host: reg.io}\nimages:\n  api: {context: api}\n");
        var built = new List<ImageDigest>();
        for (int i = 0; i < times; i++)
        {
            world.Files.Write("api/src/main.txt", $"version {i}");
            await using LiveRun run = world.Build(memory: null);
            (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
            ImageDigest digest = Testing.FakeImageBuilder.DigestOf(world.Builder.Orders[^1]);
            built.Add(digest);
            if (!pushed)
                continue;
            ImageReference.TryParse($"reg.io/api:{ContentTag.Of(digest)}", out ImageReference? reference).ShouldBeTrue();
            RegistryImage image = world.Registry.Put(reference!, digest);
            await world.Registry.TagAsync(reference!, image, "devloop-key-" + digest.Hex[..32], default);
        }
        return (world, [.. built]);
    }

    private static Task<PruneReport> PruneAsync(LiveWorld world, ImmutableArray<ImageDigest> current, int keep, bool cache = false, bool dryRun = false, bool clusterIsSilent = false) =>
        new ImagePruning(FakeWork.Load(world.Files).Value.ShouldNotBeNull(), world.Store, world.Registry, clusterIsSilent ? null : world.Cluster, clusterIsSilent).RunAsync(current, keep, cache, dryRun, default);

    private static IEnumerable<ImageDigest> Gone(PruneReport report) => report.Items.Where(i => i.Kept is null).Select(i => i.Digest);
}
