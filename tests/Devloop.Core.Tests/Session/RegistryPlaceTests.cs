using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>A builder that keeps no images: what it builds, and what it builds on, is in the registry.</summary>
public class RegistryPlaceTests
{
    private static readonly Delivery Nodes = new Delivery.Registry("127.0.0.1:5005", "registry:5000");

    private static ImagePlace Registry => ImagePlace.Of(new Project
    {
        Name = "shop",
        Root = "/project",
        ConfigFile = "devloop.yaml",
        Registry = new RegistrySettings("127.0.0.1:5005", null),
        Builder = new BuilderSettings.BuildKit(null, null, null),
    });

    private static Shop Web => Shop.With("base").Image("api", "base").Running("web", ["api"]);

    [Fact]
    public async Task A_child_is_built_on_the_name_that_its_base_has_in_the_registry()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Ci(delivery: Nodes, place: Registry);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);

        BuildOrder @base = world.Builder.Orders.Single(o => o.Image.Value == "base"), api = world.Builder.Orders.Single(o => o.Image.Value == "api");
        @base.Repository!.ToString().ShouldBe("127.0.0.1:5005/base");
        api.Repository!.ToString().ShouldBe("127.0.0.1:5005/api");
        api.DockerfileText.ShouldContain($"FROM 127.0.0.1:5005/base:{ContentTag.Of(FakeImageBuilder.DigestOf(@base))}");
        (await world.Store.FindAsync($"127.0.0.1:5005/api:{ContentTag.Of(FakeImageBuilder.DigestOf(api))}", default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task The_second_run_builds_nothing()
    {
        var world = new LiveWorld(Web);
        await using (LiveRun first = world.Ci(delivery: Nodes, place: Registry))
            (await first.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        await using LiveRun second = world.Ci(delivery: Nodes, place: Registry);
        (await second.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);

        world.Builder.Orders.Length.ShouldBe(2);
    }

    [Fact]
    public async Task The_key_is_the_same_wherever_an_image_is_built()
    {
        LiveWorld there = new(Web), here = new(Web);
        await using LiveRun remote = there.Ci(delivery: Nodes, place: Registry);
        await using LiveRun local = here.Ci(delivery: Nodes);

        (await remote.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        (await local.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        (await remote.Ended).Images[new ImageName("base")].Result!.Key.ShouldBe((await local.Ended).Images[new ImageName("base")].Result!.Key);
    }
}
