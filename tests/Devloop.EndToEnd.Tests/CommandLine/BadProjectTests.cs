namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>What a user sees when the config is fine and what it names is not.</summary>
public sealed class BadProjectTests : IDisposable
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {template: {spec: {containers: [{name: main, image: api}]}}}

        """;

    private readonly TypedCommand _typed = new TypedCommand().Write("Dockerfile", "FROM scratch\nCOPY . /\n").Write("k8s.yaml", Deployment);

    [Fact]
    public void Images_built_on_one_another() => _typed
        .Write("devloop.yaml", "version: 1\nimages:\n  a: {context: a}\n  b: {context: b}\n  c: {context: c}\n")
        .Write("a/Dockerfile", "FROM scratch\nCOPY --from=b /x /x\n").Write("b/Dockerfile", "FROM c\n").Write("c/Dockerfile", "# top\nFROM a\n")
        .ShouldSay("image-cycle", "config");

    [Fact]
    public void Resources_that_wait_for_one_another() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml, db.yaml]\nresources:\n  web: {depends_on: [db]}\n  db: {depends_on: [web]}\n")
        .Write("db.yaml", Deployment.Replace("name: web", "name: db", StringComparison.Ordinal))
        .ShouldSay("resource-cycle", "config");

    [Theory]
    [InlineData("buildkit-without-address", "buildkit")]
    [InlineData("buildkit-out-of-reach", "{kind: buildkit, address: \"tcp://127.0.0.1:1\"}")]
    [InlineData("buildkit-in-a-pod-of-no-cluster", "{kind: buildkit, address: \"kube-pod://buildkitd-0?context=dev\"}")]
    public void A_builder_out_of_reach(string golden, string builder) => _typed
        .Write("devloop.yaml", $"version: 1\nregistry: {{host: \"127.0.0.1:5005\"}}\nbuilder: {builder}\nimages: {{api: {{}}}}\n")
        .ShouldSay(golden, "build");

    [Fact]
    public void A_pod_in_a_context_that_may_not_be_written_to() => _typed
        .Write("kubeconfig", "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\"}}]\ncontexts: [{name: production, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t}}]\n")
        .With("KUBECONFIG", "kubeconfig")
        .Write("devloop.yaml", "version: 1\nregistry: {host: \"127.0.0.1:5005\"}\nbuilder: {kind: buildkit, address: \"kube-pod://buildkitd-0?context=production\"}\nimages: {api: {}}\n")
        .ShouldSay("buildkit-in-a-context-that-is-not-allowed", "build");

    [Fact]
    public void Names_that_do_not_exist() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\nresources:\n  web: {depends_on: [wbe, database]}\n  wbe: {links: []}\n")
        .ShouldSay("unknown-resources", "config");

    [Fact]
    public void Missing_files() => _typed
        .Write("services/api/Dockerfile", "FROM scratch\n")
        .Write("devloop.yaml", "version: 1\nimages:\n  a: {context: servces}\n  b: {dockerfile: Dockerfle}\n  c: {context: services, dockerfile: services/Dockerfile}\nmanifests: [k8s.yml, \"deploy/*.yaml\", services]\n")
        .ShouldSay("missing-files", "config");

    [Fact]
    public void A_directory_where_a_file_is_meant_and_the_other_way_round() => _typed
        .Write("services/api/Dockerfile", "FROM scratch\n")
        .Write("devloop.yaml", "version: 1\nimages:\n  a: {dockerfile: services/api}\n  b: {context: k8s.yaml, dockerfile: Dockerfile}\n  c: {dockerfile: services}\n")
        .ShouldSay("wrong-sort-of-file", "config");

    [Fact]
    public void Garbage_where_a_dockerfile_or_a_manifest_is_meant() => _typed
        .Write("Dockerfile", [0, 1, 2, 3]).Write("k8s.yaml", [(byte)'a', 0xFF, 0xFE])
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\n")
        .ShouldSay("binary-files", "config");

    [Fact]
    public void A_broken_dockerfile() => _typed
        .Write("Dockerfile", "FROM scratch AS build\nCOPPY . /\nCOPY --from=buidl /a /b\nRUN --mount=type=bnd true\nFROM\n")
        .Write("devloop.yaml", "version: 1\nimages: {api: {target: biuld}}\n")
        .ShouldSay("broken-dockerfile", "config");

    [Fact]
    public void An_unknown_target() => _typed
        .Write("Dockerfile", "FROM scratch AS build\nCOPY . /\n")
        .Write("devloop.yaml", "version: 1\nimages: {api: {target: biuld}}\n")
        .ShouldSay("unknown-target", "config");

    [Fact]
    public void A_base_that_comes_of_an_empty_variable() => _typed
        .Write("Dockerfile", "ARG version\nFROM node:${version}\n")
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\n")
        .ShouldSay("empty-variable", "config");

    [Fact]
    public void Broken_manifests() => _typed
        .Write("k8s.yaml", Deployment + "---\nkind: Service\nmetadata: {name: web}\n---\napiVersion: v1\nkind: ConfigMap\n")
        .Write("twice.yaml", Deployment)
        .Write("tabs.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n")
        .Write("helm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-a\n")
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml, twice.yaml, tabs.yaml, helm.yaml]\n")
        .ShouldSay("broken-manifests", "config");

    [Fact]
    public void The_same_object_twice_and_an_image_that_nobody_uses() => _typed
        .Write("twice.yaml", Deployment)
        .Write("devloop.yaml", "version: 1\nimages: {api: {}, apu: {}}\nmanifests: [k8s.yaml, twice.yaml]\n")
        .ShouldSay("duplicate-object", "config");

    [Fact]
    public void Problems_of_many_files_at_once() => _typed
        .Write("web/Dockerfile", "FORM scratch\n")
        .Write("k8s.yaml", "a: 1\n a: 2\n")
        .Write("devloop.yaml", "version: 1\nnmae: shop\nimages:\n  api: {context: missing}\n  web: {context: web, pull: often}\nmanifests: [k8s.yaml]\n")
        .ShouldSay("many-problems", "config");

    [Fact]
    public void Links_that_lead_outside_the_context_are_links_and_nothing_more() => _typed
        .Write("Dockerfile", "FROM scratch\nCOPY src /src\n").Link("src/passwd", "/etc/passwd").Link("src/up", "../../..").Link("src/loop", "loop")
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\n")
        .ShouldSay("links-outside", "graph");

    [Fact]
    public void Files_that_may_not_be_read()
    {
        _typed.Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\n");
        _typed.Tool("chmod", "755", ".").Tool("chmod", "000", "Dockerfile", "k8s.yaml");
        // Modes mean nothing to root, so the command runs as somebody else then.
        _typed.ShouldSayAs(Environment.IsPrivilegedProcess ? "65534" : null, "unreadable-files", "config");
    }

    public void Dispose() => _typed.Dispose();
}
