using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;

namespace Devloop.Adapters.Tests.Docker;

/// <summary>An engine whose images containerd keeps: its ids are digests of manifests, and an image stays what its config says.</summary>
public sealed class ContainerdStoreTests : IDisposable
{
    private const string Info = """{"ID":"c8c0","ServerVersion":"29.0.0","OSType":"linux","Architecture":"x86_64","Driver":"overlayfs","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}""";

    private static readonly ImageDigest Config = new("sha256:" + new string('c', 64));
    private static readonly string Manifest = "sha256:" + new string('e', 64);
    private static readonly string Tag = "devloop-" + new string('c', 16);

    private readonly RecordedEngine _engine = new();
    private readonly FakeRegistry _registry = new();
    private readonly DockerEngine _store;

    public ContainerdStoreTests()
    {
        _engine.Answering("GET /info", Info);
        _store = new DockerEngine(_engine.Dialer, new RegistryCredentials(new DockerConfigFile("/nowhere")), _registry);
    }

    public void Dispose()
    {
        _store.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task What_was_just_built_is_tagged_by_the_id_that_the_build_told()
    {
        _store.Learn(Config, Manifest);
        _engine.Answering($"GET /images/{Manifest}/json", Inspected("NAME=value")).Answering($"POST /images/{Manifest}/tag", "", 201);

        (await _store.TagAsync(Config, Reference($"api:{Tag}"), default)).ShouldBeTrue();
        (await _store.FindAsync(Config.Value, default)).ShouldBe(Config);
        (await _store.DescribeAsync(Config.Value, default))!.Environment.ShouldContainKeyAndValue("NAME", "value");
        _engine.Asked.ShouldContain($"POST /images/{Manifest}/tag?repo=docker.io/library/api&tag={Tag}");
    }

    [Fact]
    public async Task What_was_built_before_is_found_by_its_content_tag()
    {
        _engine.Answering("GET /images/json", $$"""[{"Id":"sha256:{{new string('a', 64)}}","RepoTags":["other:1"]},{"Id":"{{Manifest}}","RepoTags":["api:{{Tag}}","api:latest"]}]""")
            .Answering($"GET /images/{Manifest}/json", Inspected("NAME=value")).Answering($"POST /images/{Manifest}/tag", "", 201);

        (await _store.FindAsync(Config.Value, default)).ShouldBe(Config);
        (await _store.TagAsync(Config, Reference($"127.0.0.1:5005/api:{Tag}"), default)).ShouldBeTrue();

        _engine.Asked.Count(a => a.StartsWith("GET /images/json", StringComparison.Ordinal)).ShouldBe(1, "an id is asked for once");
        _engine.Asked.ShouldContain(a => a.Contains($"\"*:{Tag}\"", StringComparison.Ordinal) && a.Contains($"\"*/*:{Tag}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nothing_has_the_content_tag_of_is_not_there()
    {
        _engine.Answering("GET /images/json", "[]");

        (await _store.FindAsync(Config.Value, default)).ShouldBeNull();
        (await _store.TagAsync(Config, Reference($"api:{Tag}"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_removed_since_is_not_there()
    {
        _store.Learn(Config, Manifest);

        (await _store.FindAsync(Config.Value, default)).ShouldBeNull();
        (await _store.TagAsync(Config, Reference($"api:{Tag}"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_base_from_elsewhere_is_what_its_registry_says_of_the_id()
    {
        RegistryImage pushed = _registry.Put(Reference("node:20"), Config);
        _engine.Answering("GET /images/node:20/json", $$"""{"Id":"{{pushed.ManifestDigest}}","Config":{"Env":[]} }""");
        _registry.Put(Reference("node:20"), new ImageDigest("sha256:" + new string('9', 64))); // the tag moved on since

        (await _store.FindAsync("node:20", default)).ShouldBe(Config);
    }

    [Fact]
    public async Task A_base_that_no_registry_knows_counts_by_its_id()
    {
        _engine.Answering("GET /images/mine:1/json", $$"""{"Id":"{{Manifest}}","Config":{"Env":[]} }""");

        (await _store.FindAsync("mine:1", default)).ShouldBe(new ImageDigest(Manifest));
    }

    private static string Inspected(string variable) => $$"""{"Id":"{{Manifest}}","Config":{"Env":["{{variable}}"]} }""";

    private static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) ? reference : throw new ArgumentException(text, nameof(text));
}
