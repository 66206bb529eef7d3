using System.Text.Json.Nodes;
using Devloop.Engine;
using Devloop.Manifests;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>What `up` puts into pods so that live updates reach them, and who knows of it.</summary>
public class LiveEquipmentInRunsTests
{
    private static readonly byte[] Program = [0x7F, (byte)'E', (byte)'L', (byte)'F'];

    [Fact]
    public async Task Up_supervises_what_would_not_notice_a_change_and_knows_what_the_image_runs()
    {
        LiveWorld world = World(shares: true, "live_update: auto");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);

        JsonObject container = ContainerOf(world);
        Words(container, "command").ShouldBe([LiveEquipment.HelperPath, "run", "main", "--", "/app/server"]);
        Words(container, "args").ShouldBe(["--port", "80"]);
        EquipmentStand stand = LiveEquipment.StandOf(container);
        (stand.Mounted, stand.Supervised).ShouldBe((true, true));
        stand.Command.ShouldBe(["/app/server", "--port", "80"]);
        JsonObject program = Programs(world).Single();
        ((string?)program["binaryData"]!["helper"]).ShouldBe(Convert.ToBase64String(Program));
        ((string?)program["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]).ShouldBe("devloop");
    }

    [Theory]
    [InlineData(true, "live_update: {restart: never}", false, false)]
    [InlineData(false, "live_update: {restart: never}", true, false)]
    [InlineData(false, "live_update: auto", true, true)]
    [InlineData(true, "live_update: [{sync: {from: api, to: /app}}]", false, false)]
    [InlineData(true, "live_update: [{sync: {from: api, to: /app}}, {restart: true}]", true, true)]
    [InlineData(false, "tags: [v1]", false, false)]
    public async Task Nothing_is_put_into_pods_that_is_of_no_use(bool shares, string config, bool mounted, bool supervised)
    {
        LiveWorld world = World(shares, config);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);

        EquipmentStand stand = LiveEquipment.StandOf(ContainerOf(world));
        (stand.Mounted, stand.Supervised).ShouldBe((mounted, supervised));
        Programs(world).Count().ShouldBe(mounted ? 1 : 0);
    }

    [Fact]
    public async Task An_entrypoint_of_the_config_is_supervised_without_asking_anybody()
    {
        LiveWorld world = World(shares: true, "live_update: {restart: always}, entrypoint: [node, a.js], container_args: [-v]");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        LiveEquipment.StandOf(ContainerOf(world)).Command.ShouldBe(["node", "a.js", "-v"]);
    }

    [Fact]
    public async Task An_image_that_says_nothing_of_what_it_runs_is_not_supervised()
    {
        LiveWorld world = World(shares: true, "live_update: auto");
        world.Files.Write("api/Dockerfile", "FROM scratch\nCOPY src /app\n");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        LiveEquipment.StandOf(ContainerOf(world)).Supervised.ShouldBeFalse();
        LiveEquipment.StandOf(ContainerOf(world)).Mounted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_image_of_several_architectures_is_left_alone()
    {
        LiveWorld world = World(shares: false, "live_update: auto, platforms: [linux/amd64, linux/arm64]");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        LiveEquipment.StandOf(ContainerOf(world)).Mounted.ShouldBeFalse();
    }

    [Fact]
    public async Task What_up_put_there_is_written_down_and_goes_with_the_wish_for_it()
    {
        LiveWorld world = World(shares: false, "live_update: auto");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        string name = (string)Programs(world).Single()["metadata"]!["name"]!;
        world.Cluster.All("ConfigMap").Select(c => (string?)c["data"]?["objects"] ?? "").ShouldContain(o => o.Contains(name, StringComparison.Ordinal));
        (await world.PlanAsync()).Deploys.ShouldBeEmpty();

        run.Save("devloop.yaml", Config("tags: [v1]"));
        await run.HearsAsync<SideNews.Removed>();
        Programs(world).ShouldBeEmpty();
        LiveEquipment.StandOf(ContainerOf(world)).Mounted.ShouldBeFalse();
    }

    [Fact]
    public async Task Another_policy_in_the_config_equips_anew()
    {
        LiveWorld world = World(shares: false, "live_update: {restart: never}");
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        LiveEquipment.StandOf(ContainerOf(world)).Supervised.ShouldBeFalse();
        int builds = world.Builder.Orders.Length;

        run.Save("devloop.yaml", Config("live_update: {restart: always}"));
        await run.HearsAsync<News.DeployFinished>();
        LiveEquipment.StandOf(ContainerOf(world)).Supervised.ShouldBeTrue();
        world.Builder.Orders.Length.ShouldBe(builds);
    }

    [Fact]
    public async Task Ci_puts_nothing_into_pods_and_takes_out_what_up_put_there()
    {
        LiveWorld world = World(shares: false, "live_update: auto");
        await using (LiveRun up = world.Up())
            await up.HearsAsync<News.Quiet>();
        await using LiveRun ci = world.Ci();
        (await ci.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        Programs(world).ShouldBeEmpty();
        LiveEquipment.StandOf(ContainerOf(world)).Mounted.ShouldBeFalse();
    }

    private static LiveWorld World(bool shares, string config)
    {
        FakeFileTree files = new FakeFileTree().Write("devloop.yaml", Config(config)).Write("api/src/main.txt", "1")
            .Write("api/Dockerfile", "FROM scratch\nCOPY src /app\nENTRYPOINT [\"/app/server\"]\nCMD [\"--port\", \"80\"]\n")
            .Write("k8s.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n        - {name: main, image: api}\n        - {name: side, image: \"other:1\"}\n");
        return new LiveWorld(files) { Live = new LiveSetup(shares, architecture => architecture == "amd64" ? Program : null) };
    }

    private static string Config(string api) => $"version: 1\nname: shop\nimages:\n  api: {{context: api, {api}}}\nmanifests: [k8s.yaml]\n";

    private static JsonObject ContainerOf(LiveWorld world)
    {
        JsonArray containers = world.Cluster.All("Deployment").Single()["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        LiveEquipment.StandOf(containers[1]!.AsObject()).Mounted.ShouldBeFalse();
        return containers[0]!.AsObject();
    }

    private static IEnumerable<JsonObject> Programs(LiveWorld world) => world.Cluster.All("ConfigMap").Where(c => ((string)c["metadata"]!["name"]!).StartsWith("devloop-live-web-", StringComparison.Ordinal));

    private static string[] Words(JsonObject container, string field) => [.. container[field]!.AsArray().Select(w => (string)w!)];
}
