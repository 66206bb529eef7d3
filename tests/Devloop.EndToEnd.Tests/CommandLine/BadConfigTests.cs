namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>What a user sees of a config with mistakes; each case is a golden of the whole screen.</summary>
public sealed class BadConfigTests : IDisposable
{
    private const string Dockerfile = "FROM scratch\nCOPY . /\n";

    private readonly TypedCommand _typed = new();

    [Theory]
    [InlineData("empty", "")]
    [InlineData("only-comments", "# nothing yet\n\n---\n")]
    [InlineData("a-list", "- api\n- web\n")]
    [InlineData("tabs", "version: 1\nimages:\n\tapi:\n\t\tcontext: .\n")]
    [InlineData("duplicate-keys", "version: 1\nimages:\n  api:\n    context: .\n    context: api\n  api: {}\nname: a\nname: b\n")]
    [InlineData("unknown-keys", "version: 1\nimages:\n  api:\n    dockefile: Dockerfile\n    frobnicate: yes\nimage: {}\nsettings: {quiet: 5}\n")]
    [InlineData("wrong-types", "version: one\nimages:\n  api: [context, .]\n  web:\n    context: {a: b}\n    args: [a, b]\n    pull: maybe\n    platform: linux\n    only: [\"*.js\"]\nmanifests: {a: b}\nsettings: {quiet_ms: soon, max_parallel_builds: -1}\n")]
    [InlineData("no-version", "images: {}\n")]
    [InlineData("version-of-the-future", "version: 2\nimages: {}\n")]
    [InlineData("two-documents", "version: 1\n---\nversion: 1\n")]
    [InlineData("open-quote", "version: 1\nname: \"shop\nimages: {}\n")]
    [InlineData("open-bracket", "version: 1\nmanifests: [a.yaml, b.yaml\nimages: {}\n")]
    [InlineData("colon-in-a-value", "version: 1\nname: shop: the best\n")]
    [InlineData("uneven-indent", "version: 1\nimages:\n  api:\n    context: .\n   dockerfile: Dockerfile\n")]
    [InlineData("unknown-alias", "version: 1\nname: *shop\n")]
    [InlineData("same-selector-twice", "version: 1\nimages:\n  Dockerfile: {}\n  api: {}\n  docker.io/library/api: {}\n")]
    [InlineData("port-forwards", "version: 1\nresources:\n  web: {port_forwards: [0, 70000, \"a:b:c:d\", 80:http, 8080]}\n")]
    [InlineData("not-supported-yet", "version: 1\nlocal: {gen: {command: make}}\nimages: {api: {custom: {command: make}}}\n")]
    [InlineData("builder-demands", "version: 1\nimages:\n  api:\n    shm_size: lots\n    ulimits: {nofiles: 1}\n    cache_from: [{type: registry}]\n    cache_to: [{type: gha, token: x}]\n    tags: [devloop-1]\n    contexts: {lib: 'oci-layout://lib'}\n    platforms: [linux]\n    provenance: full\n")]
    [InlineData("registry", "version: 1\nregistry: {host: \"https://reg.io\", push: sometimes, insecure: perhaps}\n")]
    [InlineData("builder", "version: 1\nbuilder:\n  kind: buildkit\n  adress: x\n  address: 10.0.0.5:1234\n  tls: {ca: certs/ca.pem, key: key.pem, server: buildkit}\n")]
    [InlineData("builder-of-another-kind", "version: 1\nbuilder: bildkit\n")]
    [InlineData("builder-with-files-that-are-missing", "version: 1\nregistry: {host: \"127.0.0.1:5005\"}\nbuilder: {kind: buildkit, address: \"tcp://10.0.0.5:1234\", tls: {ca: Dockerfil, cert: c.pem, key: k.pem}}\n")]
    [InlineData("rendered-manifests", "version: 1\nmanifests:\n  - {kustomise: k8s}\n  - {kustomize: [k8s]}\n  - {kustomize: \"https://example.com/k8s\"}\n  - {kustomize: k8s, helm: {chart: c}}\n  - helm: {release: shop}\n  - helm: {chart: \"oci://example.com/shop\", install: true}\n  - helm: {chart: c, value: dev.yaml, set: {a: [b]}}\n  - [k8s]\n")]
    [InlineData("kinds", "version: 1\nkinds:\n  - App\n  - {api_version: e.com/v1}\n  - kind: App\n    image_paths: [\"{.spec..image}\"]\n    image_objects: [{repository: name}, {path: \"spec[?(name==1)]\"}, {path: .spec, tags: version}, x]\n")]
    [InlineData("manifest-from-a-url", "version: 1\nmanifests: [\"https://example.com/app.yaml\"]\n")]
    public void The_text_of_the_config(string golden, string yaml) =>
        _typed.Write("Dockerfile", Dockerfile).Write("devloop.yaml", yaml).ShouldSay(golden, "config");

    [Fact]
    public void No_config() => _typed.ShouldSay("no-config", "config");

    [Fact]
    public void A_config_that_is_named_and_missing() => _typed.ShouldSay("no-config-of-that-name", "config", "-f", "ci/devloop.yaml");

    [Fact]
    public void A_config_that_is_a_directory() => _typed.Make("devloop.yaml").ShouldSay("config-is-a-directory", "config");

    [Fact]
    public void A_config_of_binary_garbage() => _typed.Write("devloop.yaml", [0x7F, (byte)'E', (byte)'L', (byte)'F', 0, 1, 2, 0xFF]).ShouldSay("binary-config", "config");

    [Fact]
    public void A_config_in_another_encoding() => _typed.Write("devloop.yaml", [.. "version: 1\nname: caf"u8, 0xE9, (byte)'\n']).ShouldSay("latin1-config", "config");

    [Fact]
    public void A_config_that_is_a_pipe() => _typed.Tool("mkfifo", "devloop.yaml").ShouldSay("config-is-a-pipe", "config");

    [Fact]
    public void A_config_that_is_a_link_to_nowhere() => _typed.Link("devloop.yaml", "nowhere.yaml").ShouldSay("config-is-a-dead-link", "config");

    public void Dispose() => _typed.Dispose();
}
