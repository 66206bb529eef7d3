using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>What an image from elsewhere counts for in the keys of those that stand on it.</summary>
public class ExternalBasesTests
{
    private static readonly ImageReference Alpine = Reference("alpine:3");
    private static readonly ImageDigest Old = FakeWork.Digest("old alpine"), New = FakeWork.Digest("new alpine");

    private readonly FakeRegistry _registry = new();

    [Fact]
    public async Task A_machine_that_has_the_base_and_one_that_has_it_only_in_the_registry_find_the_same_key()
    {
        _registry.Put(Alpine, Old);
        LiveWorld with = World(), without = World();
        with.Store.Add(Old);
        await with.Store.TagAsync(Old, Alpine, CancellationToken.None);
        (await KeyAsync(with)).ShouldBe(await KeyAsync(without));
    }

    [Fact]
    public async Task A_tag_that_moved_gives_another_key_and_the_build_uses_what_the_key_says()
    {
        _registry.Put(Alpine, Old);
        LiveWorld world = World();
        ContentKey before = await KeyAsync(world);
        RegistryImage moved = _registry.Put(Alpine, New);
        (await KeyAsync(world)).ShouldNotBe(before);
        world.Builder.Orders[^1].DockerfileText.ShouldStartWith($"FROM alpine:3@{moved.ManifestDigest}\n");
    }

    [Fact]
    public async Task The_engines_own_image_goes_first_and_keeps_its_name()
    {
        _registry.Put(Alpine, New);
        LiveWorld world = World();
        world.Store.Add(Old);
        await world.Store.TagAsync(Old, Alpine, CancellationToken.None);
        await KeyAsync(world);
        world.Builder.Orders[^1].DockerfileText.ShouldStartWith("FROM alpine:3\n");
        _registry.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task With_pull_the_registrys_image_goes_first()
    {
        RegistryImage newer = _registry.Put(Alpine, New);
        LiveWorld world = World(settings: ", pull: true");
        world.Store.Add(Old);
        await world.Store.TagAsync(Old, Alpine, CancellationToken.None);
        await KeyAsync(world);
        world.Builder.Orders[^1].DockerfileText.ShouldStartWith($"FROM alpine:3@{newer.ManifestDigest}\n");
    }

    [Fact]
    public async Task The_image_of_the_builds_platform_counts()
    {
        _registry.PutIndex(Alpine, ("linux/amd64", Old), ("linux/arm64", New));
        ContentKey amd = await KeyAsync(World());
        _registry.PutIndex(Alpine, ("linux/amd64", Old), ("linux/arm64", FakeWork.Digest("newest")));
        (await KeyAsync(World())).ShouldBe(amd);
        (await KeyAsync(World(settings: ", platform: linux/arm64"))).ShouldNotBe(amd);
    }

    [Fact]
    public async Task A_registry_that_is_away_is_asked_once_in_a_run_and_the_name_counts()
    {
        _registry.Away = Diagnostic.Error(DiagnosticCode.RegistryUnreachable, "the registry `docker.io` cannot be reached");
        LiveWorld world = World(dockerfile: "FROM alpine:3\nCOPY --from=alpine:4 /a /a\nCOPY src /src\n");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        run.Save("app/src/main.txt", "2");
        await run.HearsAsync<News.Quiet>();
        _registry.Asked.Length.ShouldBeLessThanOrEqualTo(2);
        world.Builder.Orders[^1].DockerfileText.ShouldStartWith("FROM alpine:3\n");
    }

    [Fact]
    public async Task A_digest_says_what_it_is_without_a_question()
    {
        string pinned = "FROM alpine@sha256:" + new string('a', 64) + "\nCOPY src /src\n";
        await KeyAsync(World(dockerfile: pinned));
        _registry.Asked.ShouldBeEmpty();
    }

    private LiveWorld World(string dockerfile = "FROM alpine:3\nCOPY src /src\n", string settings = "")
    {
        var world = new LiveWorld(Shop.With("app"), _registry);
        world.Files.Write("app/Dockerfile", dockerfile);
        world.Files.Write("devloop.yaml", $"version: 1\nname: shop\nimages:\n  app: {{context: app{settings}}}\n");
        return world;
    }

    private static async Task<ContentKey> KeyAsync(LiveWorld world)
    {
        await using LiveRun run = world.Build(memory: null);
        return (await run.Ended.WaitAsync(TimeSpan.FromSeconds(60))).Images[new ImageName("app")].Result!.Key;
    }

    private static ImageReference Reference(string name) => ImageReference.TryParse(name, out ImageReference? reference) ? reference : throw new ArgumentException(name, nameof(name));
}
