namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>What a user sees of live updates with mistakes, and of those without.</summary>
public sealed class BadLiveUpdateTests : IDisposable
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {template: {spec: {containers: [{name: main, image: api}]}}}

        """;

    private readonly TypedCommand _typed = new TypedCommand()
        .Write("Dockerfile", "FROM lib\nCOPY . /app\n").Write("lib/Dockerfile", "FROM scratch\nCOPY . /lib\n").Write("src/main.js", "1").Write("lib/lib.js", "1").Write("k8s.yaml", Deployment);

    [Theory]
    [InlineData("live-update-forms", "  a: {live_update: automatic}\n  b: {live_update: {mode: manual, image: sometimes, restart: often, images: never}}\n  c: {live_update: {sync: {from: src, to: /app}}}\n  d: {live_update: true}\n  e: {live_update: []}\n")]
    [InlineData("live-update-steps", "  a:\n    live_update:\n      - snyc: {from: src, to: /app}\n      - restart\n      - run:\n      - {sync: {from: src, to: /app}, restart: true}\n      - fallback_on: [a]\n  b:\n    live_update:\n      - run: make\n      - restart: true\n")]
    [InlineData("live-update-sync", "  a:\n    live_update:\n      - sync: src\n      - sync: {from: src}\n      - sync: {from: src, to: ./app, mode: 1}\n      - sync: {from: \"src/*.js\", to: /app}\n")]
    [InlineData("live-update-run", "  a:\n    live_update:\n      - sync: {from: src, to: /app}\n      - run: {on: [a]}\n      - run: {command: {a: b}, on: {a: b}, when: x}\n      - fall_back_on: {a: b}\n")]
    [InlineData("live-update-twice", "  a:\n    live_update:\n      - sync: {from: src, to: /app}\n      - restart: true\n      - restart: never\n      - initial_sync: perhaps\n      - image: later\n      - image: never\n")]
    public void The_text(string golden, string images) => _typed.Write("devloop.yaml", "version: 1\nimages:\n" + images).ShouldSay(golden, "config");

    [Fact]
    public void A_sync_outside_of_all_contexts() => _typed
        .Write("services/api/Dockerfile", "FROM lib\nCOPY . /app\n").Write("tools/x", "1")
        .Write("devloop.yaml", "version: 1\nmanifests: [k8s.yaml]\nimages:\n  lib: {context: lib}\n  api:\n    context: services/api\n    live_update:\n      - sync: {from: tools, to: /tools}\n      - sync: {from: lib, to: /lib}\n      - sync: {from: ., to: /app}\n")
        .ShouldSay("live-update-outside", "config");

    [Fact]
    public void Two_syncs_to_one_place() => _typed
        .Write("a.conf", "1").Write("b.conf", "1")
        .Write("devloop.yaml", "version: 1\nmanifests: [k8s.yaml]\nimages:\n  lib: {context: lib}\n  api:\n    live_update:\n      - sync: {from: a.conf, to: /etc/b.conf}\n      - sync: {from: b.conf, to: /etc/}\n      - sync: {from: src, to: /app}\n      - sync: {from: lib, to: /app}\n      - sync: {from: ./src, to: /app/}\n")
        .ShouldSay("live-update-same-place", "config");

    [Fact]
    public void Steps_about_nothing_and_live_updates_of_no_container() => _typed
        .Write("alone/Dockerfile", "FROM lib\n")
        .Write("devloop.yaml", "version: 1\nname: shop\nmanifests: [k8s.yaml]\nimages:\n  lib: {context: lib, live_update: auto}\n  api:\n    live_update:\n      - sync: {from: scr, to: /app}\n      - fall_back_on: [package-lock.json, \"gen/*.lock\", \"src/*.lock\"]\n      - run: {command: make, on: [src/mian.js, lib]}\n  alone: {context: alone, live_update: auto}\n  below: {context: lib, live_update: auto}\n  above: {dockerfile_inline: \"FROM below\"}\n")
        .ShouldSay("live-update-warnings", "config");

    [Fact]
    public void What_was_understood() => _typed
        .Write("devloop.yaml", "version: 1\nname: shop\nmanifests: [k8s.yaml]\nimages:\n  lib: {context: lib, live_update: auto}\n  api:\n    live_update:\n      - restart: auto\n      - run: [npm, install]\n      - sync: {from: ./src/, to: /app//src/}\n      - run: {command: make gen, on: \"src/**\"}\n      - sync: {from: lib, to: /lib}\n      - fall_back_on: src/main.js\n      - initial_sync: true\n      - image: on_restart\n")
        .ShouldSay("live-update-config", "config");

    public void Dispose() => _typed.Dispose();
}
