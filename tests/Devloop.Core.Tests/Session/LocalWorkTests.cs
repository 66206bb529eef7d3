using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>Whole runs over fakes with commands of this machine.</summary>
public class LocalWorkTests
{
    private static readonly ResourceName Dev = new("dev");

    [Fact]
    public async Task What_a_command_writes_is_a_log_and_its_last_lines_are_the_evidence_of_its_failure()
    {
        var world = new LiveWorld(Shop.With("api").Local("gen", "command: make gen, env: {TOKEN: hunter2}"));
        world.Processes.On("make gen", 2, "first", "gen.proto:3: no such message");
        await using LiveRun run = world.Ci();

        News.LocalFailed failed = await run.HearsAsync<News.LocalFailed>();
        failed.Diagnostics.Single().ShouldSatisfyAllConditions(
            d => d.Code.ShouldBe(DiagnosticCode.LocalFailed),
            d => d.Message.ShouldBe("local command `gen` failed: exit code 2"),
            d => d.At!.Line.ShouldBe(6),
            d => d.Notes.ShouldBe(["│ first", "│ gen.proto:3: no such message"]),
            d => d.ToString().ShouldNotContain("hunter2"));
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.DeployFailed);
        FakeProcess process = world.Processes.Started.Single();
        process.Order.Environment["TOKEN"].ShouldBe("hunter2");
        process.Order.Directory.ShouldBe("/project");
    }

    [Fact]
    public async Task Its_lines_are_told_as_they_come()
    {
        var world = new LiveWorld(Shop.With("api").Local("gen", "command: make gen"));
        await using LiveRun run = world.Up();
        FakeProcess process = await world.Processes.StartedAsync("make gen");
        process.Write("half way");
        (await run.HearsAsync<SideNews.Log>()).ShouldBe(new SideNews.Log(new ResourceName("gen"), "", "", "half way"));
        process.End(0);
        (await run.HearsAsync<News.LocalFinished>()).Serves.ShouldBeFalse();
    }

    [Fact]
    public async Task What_serves_begins_after_its_command_and_is_ready_when_it_started()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "command: npm install, serve: npm run dev, dir: web, serve_dir: web/app, env: {A: '1'}, serve_env: {B: '2'}").File("web/app/x", ""));
        await using LiveRun run = world.Up();
        FakeProcess install = await world.Processes.StartedAsync("npm install");
        world.Processes.Started.Length.ShouldBe(1);
        install.Order.Directory.ShouldBe("/project/web");
        install.End(0);

        FakeProcess serve = await world.Processes.StartedAsync("npm run dev");
        serve.Order.Directory.ShouldBe("/project/web/app");
        serve.Order.Environment.ShouldBe([new("A", "1"), new("B", "2")]);
        News.Status status = await run.HearsAsync<News.Status>(n => n.Resource == Dev);
        status.Now.ShouldBe(new Health.Ready(1, 1) { Text = "serving", Probed = false });
    }

    [Fact]
    public async Task What_serves_is_ready_when_it_answers_and_no_more_when_it_does_not_for_a_while()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "serve: serve, readiness: {http: {port: 8080}, period: 2, success_threshold: 2, failure_threshold: 2}"));
        await using LiveRun run = world.Up();
        (await run.HearsAsync<News.Status>()).Now.Describe().ShouldBe("0 of 1 ready: nobody listens on port 8080");

        world.Probe.Answer(8080);
        await Ask(world);
        await Ask(world);
        (await run.HearsAsync<News.Status>()).Now.IsGood().ShouldBeTrue();

        world.Probe.Answer(8080, "port 8080 answered with status 500");
        await Ask(world);
        run.ToldSoFar().OfType<News.Status>().ShouldBeEmpty();
        await Ask(world);
        (await run.HearsAsync<News.Status>()).Now.Describe().ShouldBe("0 of 1 ready: port 8080 answered with status 500");
    }

    [Fact]
    public async Task A_command_can_be_the_question_too()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "serve: serve, dir: web, readiness: {exec: {command: [check, it]}}").File("web/x", ""));
        world.Processes.On("check it", 1);
        await using LiveRun run = world.Up();
        (await run.HearsAsync<News.Status>()).Now.Describe().ShouldContain("`check it` ended with exit code 1");
        world.Processes.On("check it", 0);
        await Ask(world, TimeSpan.FromSeconds(1));
        (await run.HearsAsync<News.Status>()).Now.IsGood().ShouldBeTrue();
        world.Processes.Started.Where(p => p.Order.Command.ToString() == "check it").ShouldAllBe(p => p.Order.Directory == "/project/web");
    }

    [Fact]
    public async Task What_serves_and_ends_has_failed_and_is_started_again_by_an_edit()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "serve: serve, deps: [web]").File("web/x", "1"));
        await using LiveRun run = world.Up();
        FakeProcess first = await world.Processes.StartedAsync("serve");
        await run.HearsAsync<News.Status>(n => n.Now.IsGood());
        first.End(0);
        (await run.HearsAsync<News.Status>()).Now.ShouldBe(new Health.Failed("it ended with exit code 0", []) { Final = true });

        run.Save("web/x", "2");
        await world.Processes.StartedAsync("serve", times: 2);
        await run.HearsAsync<News.Status>(n => n.Now.IsGood());
    }

    [Fact]
    public async Task An_edit_ends_what_serves_only_when_the_command_ran_well()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "command: check, serve: serve, deps: [web]").File("web/x", "1"));
        world.Processes.On("check", 0);
        await using LiveRun run = world.Up();
        FakeProcess first = await world.Processes.StartedAsync("serve");
        await run.HearsAsync<News.Status>(n => n.Now.IsGood());

        world.Processes.On("check", 1);
        run.Save("web/x", "broken");
        await run.HearsAsync<News.LocalFailed>();
        first.Exit.IsCompleted.ShouldBeFalse();

        world.Processes.On("check", 0);
        run.Save("web/x", "mended");
        FakeProcess second = await world.Processes.StartedAsync("serve", times: 2);
        first.WasStopped.ShouldBeTrue();
        second.Exit.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_edit_during_a_run_ends_it_before_the_next_begins()
    {
        var world = new LiveWorld(Shop.With("api").Local("gen", "command: make gen, deps: [proto]").File("proto/x", "1"));
        await using LiveRun run = world.Up();
        FakeProcess first = await world.Processes.StartedAsync("make gen");
        run.Save("proto/x", "2");
        FakeProcess second = await world.Processes.StartedAsync("make gen", times: 2);
        first.WasStopped.ShouldBeTrue();
        second.End(0);
        await run.HearsAsync<News.LocalFinished>();
        world.Processes.Started.Length.ShouldBe(2);
    }

    [Fact]
    public async Task The_end_of_a_run_ends_all_that_goes_on()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "serve: serve").Local("gen", "command: make gen"));
        LiveRun run = world.Up();
        await world.Processes.StartedAsync("serve");
        await world.Processes.StartedAsync("make gen");
        await run.HearsAsync<News.Status>(n => n.Now.IsGood());
        await run.DisposeAsync();
        world.Processes.Running.ShouldBeEmpty();
        world.Processes.Started.ShouldAllBe(p => p.WasStopped);
    }

    [Fact]
    public async Task A_command_that_leaves_the_config_ends()
    {
        Shop shop = Shop.With("api").Local("dev", "serve: serve");
        var world = new LiveWorld(shop);
        await using LiveRun run = world.Up();
        FakeProcess serve = await world.Processes.StartedAsync("serve");
        await run.HearsAsync<News.Status>(n => n.Now.IsGood());
        run.Save("devloop.yaml", Shop.With("api").Config());
        await serve.Exit.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_run_of_once_ends_for_what_ended_and_succeeds_with_what_serves()
    {
        var world = new LiveWorld(Shop.With("api").Local("dev", "serve: serve, readiness: {tcp: {port: 1}}"));
        await using (LiveRun run = world.Ci())
        {
            (await world.Processes.StartedAsync("serve")).End(1);
            await run.StateAsync(s => s.Resources[Dev].BrokenSince is not null);
            await world.Clock.UntilTimersAsync(1, TimeSpan.FromMilliseconds(500));
            world.Clock.Advance(TimeSpan.FromMilliseconds(500));
            (await run.OutcomeAsync()).ShouldBe(RunOutcome.NotHealthy);
        }
        world.Probe.Answer(1);
        await using (LiveRun run = world.Ci())
            (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Processes.Running.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_command_wrote_is_in_the_image_of_the_same_run()
    {
        var world = new LiveWorld(Shop.With("api").Local("gen", "command: make gen, produces: [api/src/gen.txt]"));
        await using LiveRun run = world.Build();
        FakeProcess gen = await world.Processes.StartedAsync("make gen");
        world.Builder.Orders.ShouldBeEmpty();
        world.Files.Write("api/src/gen.txt", "generated");
        gen.End(0);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Builder.Orders.Single().Context.Find("src/gen.txt").ShouldNotBeNull();
    }

    [Fact]
    public async Task What_cannot_be_started_or_read_is_told_with_its_place()
    {
        var world = new LiveWorld(Shop.With("api").Local("gen", "command: make gen, dir: out").Local("lint", "command: lint, deps: [src]").File("out/x", "").File("src/x", ""));
        world.Processes.Without("/project/out");
        world.Files.Lock("src/secret");
        await using LiveRun run = world.Ci();
        await run.OutcomeAsync();
        Diagnostic[] told = [.. run.ToldSoFar().OfType<News.LocalFailed>().SelectMany(n => n.Diagnostics).OrderBy(d => d.Code)];
        told.Select(d => d.Code).ShouldBe([DiagnosticCode.LocalNotStarted, DiagnosticCode.LocalUnreadable]);
        told[1].Message.ShouldBe("`src/secret`, which local command `lint` reads, cannot be read: permission denied");
        told.ShouldAllBe(d => d.At != null);
    }

    [Fact]
    public async Task An_edit_looks_at_what_changed_and_at_nothing_else()
    {
        var world = new LiveWorld(Shop.With("api").Local("gen", "command: make gen, deps: [proto]").File("proto/x", "1").File("proto/y", "1"));
        world.Processes.On("make gen", 0);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.LocalFinished>();
        await run.HearsAsync<News.Quiet>();
        world.Contexts.Readings.Clear();
        run.Save("proto/x", "2");
        await run.HearsAsync<News.LocalFinished>();
        world.Contexts.Readings.Single()!.Value.ShouldBe(["proto/x"]);
    }

    /// <summary>Lets the time pass to the next question.</summary>
    private static async Task Ask(LiveWorld world, TimeSpan? period = null)
    {
        TimeSpan wait = period ?? TimeSpan.FromSeconds(2);
        await world.Clock.UntilTimersAsync(1, wait).WaitAsync(TimeSpan.FromSeconds(60));
        world.Clock.Advance(wait);
        await world.Clock.UntilTimersAsync(1, wait).WaitAsync(TimeSpan.FromSeconds(60));
    }
}
