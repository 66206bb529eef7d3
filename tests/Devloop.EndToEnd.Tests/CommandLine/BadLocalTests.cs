namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>What a user sees of local commands with mistakes, and of those without.</summary>
public sealed class BadLocalTests : IDisposable
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {template: {spec: {containers: [{name: main, image: api}]}}}

        """;

    private readonly TypedCommand _typed = new TypedCommand().Write("Dockerfile", "FROM scratch\nCOPY gen /gen\n").Write("k8s.yaml", Deployment).Write("proto/api.proto", "1");

    [Theory]
    [InlineData("local-text", "  gen: make gen\n  none: {deps: [proto]}\n  empty: {command: [], serve: \"\"}\n  odd: {command: {a: b}, depend_on: [web], env: [A=b]}\n")]
    [InlineData("local-readiness", "  a: {serve: x, readiness: {}}\n  b: {serve: x, readiness: {http: {port: 0}, period: 0}}\n  c: {serve: x, readiness: {tcp: {port: 1}, exec: {}}}\n  d: {command: x, readiness: {tcp: {port: 1}}}\n  e: {serve: x, readiness: {http: {port: 80, scheme: ftp, pth: /}}}\n")]
    [InlineData("local-produces", "  a: {command: x, produces: [../gen, /gen, ., \"gen/*.go\"]}\n")]
    public void The_text(string golden, string locals) => _typed.Write("devloop.yaml", "version: 1\nlocal:\n" + locals).ShouldSay(golden, "config");

    [Fact]
    public void What_does_not_exist_or_has_a_name_twice() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\nlocal:\n  gen: {command: x, deps: [prot, \"src/**/*.go\", proto/api.proto], dir: proto/api.proto, depends_on: [wbe]}\n  web: {serve: x, serve_dir: app}\n")
        .ShouldSay("local-missing", "config");

    [Fact]
    public void What_another_command_writes_need_not_exist() => _typed
        .Write("devloop.yaml", "version: 1\nname: shop\nlocal:\n  a: {command: x, produces: [out/gen]}\n  b: {command: [y, \"1 2\"], deps: [out/gen/x, out, \"out/gen/*.go\"], dir: out/gen, env: {TOKEN: hunter2}, readiness: {tcp: {port: 1}}, serve: z}\n")
        .ShouldSay("local-config", "config");

    [Fact]
    public void A_circle_through_an_image() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\nlocal:\n  gen: {command: x, produces: [gen], depends_on: [web]}\n")
        .ShouldSay("local-cycle", "config");

    [Fact]
    public void The_graph() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\nlocal:\n  api: {command: x, deps: [proto], produces: [gen]}\n  lint: {command: x, deps: [gen]}\n  dev: {serve: y, depends_on: [web]}\n")
        .ShouldSay("local-graph", "graph", "--format", "edges");

    [Fact]
    public void The_graph_as_a_tree() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\nlocal:\n  api: {command: x, deps: [proto], produces: [gen]}\n  lint: {command: x, deps: [gen]}\n  dev: {serve: y, depends_on: [web]}\n")
        .ShouldSay("local-tree", "graph", "--format", "tree");

    [Fact]
    public void The_plan_of_an_edit() => _typed
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\nlocal:\n  codegen: {command: x, deps: [proto], produces: [gen]}\n  lint: {command: x, deps: [gen]}\n")
        .ShouldSay("local-plan", "plan", "--changed", "proto/api.proto", "--changed", "README.md");

    public void Dispose() => _typed.Dispose();
}
