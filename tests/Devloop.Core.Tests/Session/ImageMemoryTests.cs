using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>Machines that share a registry and nothing else.</summary>
public class ImageMemoryTests
{
    private static readonly BuildMemory Whole = new("127.0.0.1:5005", Whole: true);
    private static readonly Delivery Nodes = new Delivery.Registry("127.0.0.1:5005", "registry:5000");
    private static readonly Diagnostic Away = Diagnostic.Error(DiagnosticCode.RegistryUnreachable, "the registry `127.0.0.1:5005` cannot be reached: the connection was refused");

    private readonly FakeRegistry _registry = new();

    private static Shop Web => Shop.With("base").Image("api", "base").Running("web", ["api"]);

    [Fact]
    public async Task A_clean_machine_with_the_same_sources_builds_nothing()
    {
        LiveWorld first = await PublishedAsync(), clean = new(Web, _registry);
        await using LiveRun run = clean.Ci(delivery: Nodes, memory: Whole);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        clean.Builder.Orders.ShouldBeEmpty();
        clean.Store.Pushes.ShouldBeEmpty();
        clean.Store.Pulls.ShouldBeEmpty();
        Digests(await run.Ended).ShouldBe([FakeImageBuilder.DigestOf(first.Builder.Orders[1]), FakeImageBuilder.DigestOf(first.Builder.Orders[0])], ignoreOrder: true);
    }

    [Fact]
    public async Task Nodes_on_a_clean_engine_get_the_image_pulled_under_its_local_name()
    {
        await PublishedAsync();
        var clean = new LiveWorld(Web, _registry);
        await using LiveRun run = clean.Ci(memory: Whole);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        clean.Builder.Orders.ShouldBeEmpty();
        clean.Store.Pulls.ShouldHaveSingleItem().Familiar.ShouldStartWith("127.0.0.1:5005/api:devloop-");
        (await run.Ended).Images[new ImageName("api")].Result!.Kind.ShouldBe(BuildKind.Pulled);
    }

    [Fact]
    public async Task A_child_that_has_to_be_built_is_built_on_the_pulled_base()
    {
        await PublishedAsync();
        var clean = new LiveWorld(Web, _registry);
        clean.Files.Write("api/src/main.txt", "another");
        await using LiveRun run = clean.Ci(memory: Whole);
        (await run.PublishedOutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        clean.Builder.Orders.ShouldHaveSingleItem().Image.Value.ShouldBe("api");
        clean.Store.Pulls.ShouldHaveSingleItem().Path.ShouldBe("base");
    }

    [Fact]
    public async Task An_engine_that_cannot_pull_builds_and_says_so()
    {
        await PublishedAsync();
        var clean = new LiveWorld(Web, _registry);
        clean.Store.RefusesPulls = true;
        await using LiveRun run = clean.Ci(memory: Whole);
        News.PullFinished told = await run.HearsAsync<News.PullFinished>();
        told.Failure!.Severity.ShouldBe(Severity.Warning);
        (await run.PublishedOutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        clean.Builder.Orders.Select(o => o.Image.Value).ShouldContain("api");
    }

    [Fact]
    public async Task A_registry_that_is_away_is_a_miss_told_once()
    {
        _registry.Away = Away;
        var world = new LiveWorld(Web, _registry);
        await using LiveRun run = world.Build(new BuildMemory("127.0.0.1:5005", Whole: false));
        SideNews.Notice told = await run.HearsAsync<SideNews.Notice>();
        told.Diagnostic.Severity.ShouldBe(Severity.Warning);
        told.Diagnostic.Message.ShouldBe(Away.Message);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        _registry.Asked.Count(r => r.Tag!.StartsWith("devloop-key-", StringComparison.Ordinal)).ShouldBe(1);
        run.ToldSoFar().OfType<SideNews.Notice>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_content_tag_that_was_cleaned_away_is_put_again_for_the_nodes()
    {
        var image = new ImageDigest("sha256:" + new string('a', 64));
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]), _registry);
        ContentKey key = await KeyAsync(world, "api");
        _registry.Put(Whole.AliasOf(Reference("api"), key), image);
        await using LiveRun run = world.Ci(delivery: Nodes, memory: Whole);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        _registry.TagsOf("127.0.0.1:5005/api").ShouldContain(ContentTag.Of(image).Value);
        world.Builder.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_registry_says_goes_before_what_this_machine_remembers()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]), _registry);
        ContentKey key = await KeyAsync(world, "api");
        var theirs = new ImageDigest("sha256:" + new string('b', 64));
        _registry.Put(Whole.AliasOf(Reference("api"), key), theirs);
        _registry.Put(Whole.ImageAt(Reference("api"), ContentTag.Of(theirs)), theirs);
        await using LiveRun run = world.Ci(memory: Whole);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        Digests(await run.Ended).ShouldBe([theirs]);
        await run.DisposeAsync();
        world.Keys.Find(key).ShouldBe(theirs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_pipelines_at_once_end_with_one_digest_though_their_builds_differ(bool keepsTags)
    {
        var registry = new FakeRegistry { KeepsTags = keepsTags };
        var clock = new FakeClock();
        LiveWorld one = new(Shop.With("api"), registry, clock), two = new(Shop.With("api"), registry, clock);
        one.Builder.Yield(new ImageName("api"), FakeWork.Digest("one"));
        two.Builder.Yield(new ImageName("api"), FakeWork.Digest("two"));
        HeldBuild first = one.Builder.Hold(new ImageName("api")), second = two.Builder.Hold(new ImageName("api"));
        await using LiveRun a = one.Build(Whole), b = two.Build(Whole);
        await Task.WhenAll(first.Started, second.Started).WaitAsync(TimeSpan.FromSeconds(60));
        first.Release();
        second.Release();
        await clock.UntilTimersAsync(2, Publication.LeastWait).WaitAsync(TimeSpan.FromSeconds(60));
        clock.Advance(Publication.LeastWait);
        (await a.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        (await b.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        ImageDigest[] digests = [.. Digests(await a.Ended), .. Digests(await b.Ended)];
        digests.Distinct().ShouldHaveSingleItem().ShouldBe(registry.Peek(Whole.AliasOf(Reference("api"), (await a.Ended).Images[new ImageName("api")].Result!.Key))!.Digest);
    }

    [Fact]
    public async Task Tags_of_the_config_reach_the_registry_with_what_is_pushed_and_not_its_other_names()
    {
        var world = new LiveWorld(Tagged("[v1, 'team/other:v1']"), _registry);
        await using LiveRun run = world.Build(Whole);
        (await run.PublishedOutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        _registry.Peek(At("v1"))!.Digest.ShouldBe(Digests(await run.Ended).ShouldHaveSingleItem());
        _registry.TagsOf("127.0.0.1:5005/team/other").ShouldBeEmpty();
        world.Store.Pushes.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_tag_that_is_added_later_is_put_without_a_build_or_a_push()
    {
        await PublishedAsync();
        var clean = new LiveWorld(Web.Asking("base", "tags: [v2]"), _registry);
        await using LiveRun run = clean.Build(Whole);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        _registry.TagsOf("127.0.0.1:5005/base").ShouldContain("v2");
        clean.Builder.Orders.ShouldBeEmpty();
        clean.Store.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_loop_that_shares_its_pushes_alone_moves_no_tags_of_the_registry()
    {
        var world = new LiveWorld(Tagged("[v1]").Running("web", ["api"]), _registry);
        await using LiveRun run = world.Ci(delivery: Nodes, memory: Whole with { Whole = false });
        (await run.PublishedOutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        _registry.TagsOf("127.0.0.1:5005/api").ShouldNotContain("v1");
    }

    [Fact]
    public async Task A_tag_that_the_registry_does_not_move_is_told()
    {
        var registry = new FakeRegistry { KeepsTags = true };
        registry.Put(At("v1"), new ImageDigest("sha256:" + new string('c', 64)));
        var world = new LiveWorld(Tagged("[v1]"), registry);
        await using LiveRun run = world.Build(Whole);
        (await run.PublishedOutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        run.ToldSoFar().OfType<SideNews.Notice>().ShouldHaveSingleItem().Diagnostic.Message.ShouldBe("`127.0.0.1:5005/api:v1` stays on another image: the registry does not let tags move");
    }

    private static Shop Tagged(string tags) => Shop.With("api").Asking("api", $"tags: {tags}");

    private static ImageReference At(string tag) => Reference("127.0.0.1:5005/api:" + tag);

    private async Task<LiveWorld> PublishedAsync()
    {
        var world = new LiveWorld(Web, _registry);
        await using LiveRun run = world.Build(Whole);
        (await run.PublishedOutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Builder.Orders.Length.ShouldBe(2);
        _registry.TagsOf("127.0.0.1:5005/base").Count(t => t.StartsWith("devloop-key-", StringComparison.Ordinal)).ShouldBe(1);
        return world;
    }

    /// <summary>The key of an image, as a build without a registry finds it out.</summary>
    private static async Task<ContentKey> KeyAsync(LiveWorld world, string image)
    {
        await using LiveRun run = new LiveWorld(world.Files).Build(memory: null);
        return (await run.Ended.WaitAsync(TimeSpan.FromSeconds(60))).Images[new ImageName(image)].Result!.Key;
    }

    private static ImageDigest[] Digests(EngineState state) => [.. state.Images.Values.Select(i => i.Result!.Digest)];

    private static ImageReference Reference(string name) => ImageReference.TryParse(name, out ImageReference? reference) ? reference : throw new ArgumentException(name, nameof(name));
}
