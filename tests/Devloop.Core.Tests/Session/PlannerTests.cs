using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>base ← api → deployment web, and aside → deployment aside; everything was built and deployed once.</summary>
public sealed class PlannerTests : IAsyncLifetime
{
    private readonly LiveWorld _world = new(Shop.With("base").Image("api", "base").Image("aside").Running("web", ["api"]).Running("aside", ["aside"]));

    public async Task InitializeAsync()
    {
        await using LiveRun run = _world.Ci();
        await run.OutcomeAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task With_nothing_changed_all_is_reused_and_nothing_applied()
    {
        Plan plan = await PlanAsync();

        plan.Builds.ShouldAllBe(b => b.Action == BuildAction.Reuse);
        plan.Deploys.ShouldBeEmpty();
        plan.Unaffected.ShouldBe(["resource/aside", "web"]);
    }

    [Fact]
    public async Task Before_anything_was_built_everything_is_to_be()
    {
        Plan plan = await new LiveWorld(Shop.With("base").Image("api", "base")).PlanAsync();

        plan.Builds.Select(b => (b.Action, b.Reasons.Single())).ShouldBe([(BuildAction.Build, new BuildReason.FirstBuild()), (BuildAction.Build, new BuildReason.FirstBuild())]);
    }

    [Fact]
    public async Task What_stands_on_a_base_that_has_to_be_built_is_a_maybe_with_its_deploy()
    {
        _world.Files.Write("base/src/main.txt", "2");
        Plan plan = await PlanAsync();

        Build(plan, "base").ShouldBe((BuildAction.Build, "base/src/main.txt changed, read by `COPY src /src`"));
        Build(plan, "api").Action.ShouldBe(BuildAction.Maybe);
        Build(plan, "aside").Action.ShouldBe(BuildAction.Reuse);
        plan.Deploys.Single().Action.ShouldBe(DeployAction.Maybe);
    }

    [Fact]
    public async Task What_differs_itself_is_built_whatever_its_base_becomes()
    {
        _world.Files.Write("base/src/main.txt", "2").Write("api/src/more.txt", "new");
        Plan plan = await PlanAsync();

        Build(plan, "api").ShouldBe((BuildAction.Build, "api/src/more.txt is new, read by `COPY src /src`; base is built first; if it comes out the same, this one stays"));
        plan.Deploys.Single().Action.ShouldBe(DeployAction.Apply);
    }

    [Fact]
    public async Task Every_kind_of_difference_is_named()
    {
        _world.Files.Delete("api/src/main.txt");
        _world.Files.Write("api/Dockerfile", "FROM base\nARG color\nCOPY src /src\nCOPY notes.md /\n");
        _world.Files.Write("devloop.yaml", Text("devloop.yaml").Replace("{context: api}", "{context: api, args: {color: red}, labels: {a: b}}", StringComparison.Ordinal));
        Plan plan = await PlanAsync();

        Build(plan, "api").Text.ShouldBe("api/notes.md is new, read by `COPY notes.md /`; api/src/main.txt is gone, read by `COPY src /src`; build arg color changed; api/Dockerfile changed; label a changed");
    }

    [Fact]
    public async Task Of_very_many_differences_some_are_named_and_the_rest_counted()
    {
        for (int i = 0; i < 50; i++)
            _world.Files.Write($"api/src/{i}.txt", "new");

        BuildReason[] reasons = [.. (await PlanAsync()).Builds.Single(b => b.Image.Value == "api").Reasons];

        reasons.Length.ShouldBe(21);
        reasons[^1].Text.ShouldBe("and 30 more inputs");
    }

    [Fact]
    public async Task An_image_that_the_engine_lost_is_built_again_for_that_reason()
    {
        foreach (ImageDigest digest in _world.History.All.Select(r => r.Digest))
            _world.Store.Remove(digest);

        Build(await PlanAsync(), "aside").ShouldBe((BuildAction.Build, "the engine does not have the image any more"));
    }

    [Fact]
    public async Task An_object_that_is_otherwise_in_the_cluster_is_applied()
    {
        _world.Files.Write("k8s/aside.yaml", Text("k8s/aside.yaml").Replace("labels: {app: aside}", "labels: {app: aside, tier: back}", StringComparison.Ordinal));

        PlannedDeploy deploy = (await PlanAsync()).Deploys.Single();

        (deploy.Resource.Value, deploy.Action, deploy.Reasons.Single().Text).ShouldBe(("aside", DeployAction.Apply, "deployment/aside is otherwise in the cluster"));
    }

    [Fact]
    public async Task A_plan_builds_applies_and_remembers_nothing()
    {
        _world.Files.Write("base/src/main.txt", "2");
        (int orders, int calls, BuildRecord[] history) = (_world.Builder.Orders.Length, _world.Cluster.Calls.Count(c => c.Verb != "get"), [.. _world.History.All]);

        await PlanAsync();

        _world.Builder.Orders.Length.ShouldBe(orders);
        _world.Cluster.Calls.Count(c => c.Verb != "get").ShouldBe(calls);
        _world.History.All.ShouldBe(history, ignoreOrder: true);
    }

    [Fact]
    public async Task A_run_says_which_inputs_differ_from_the_last_one()
    {
        _world.Files.Write("api/src/main.txt", "2");
        await using LiveRun run = _world.Ci();

        (await run.HearsAsync<Devloop.Engine.News.BuildStarted>()).Reasons.ShouldBe([new BuildReason.FileChanged("api/src/main.txt", 2, "COPY src /src")]);
    }

    private Task<Plan> PlanAsync() => _world.PlanAsync();

    private static (BuildAction Action, string Text) Build(Plan plan, string image) =>
        plan.Builds.Where(b => b.Image.Value == image).Select(b => (b.Action, string.Join("; ", b.Reasons.Select(r => r.Text)))).Single();

    private string Text(string path) => ((Devloop.Ports.FileContent.Text)_world.Files.Read(path)).Content;
}
