using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Clusters;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

public class RunSessionTests
{
    private static Shop Web => Shop.With("base").Image("api", "base").Running("web", ["api"], "port_forwards: [\"9000:8080\"]");

    [Fact]
    public async Task A_run_goes_from_files_to_ready_pods_and_an_edit_goes_the_same_way()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        await run.HearsAsync<News.Quiet>();
        Built(world).ShouldBe(["base", "api"]);
        string first = ImageOf(world);
        first.ShouldMatch("^api:devloop-[0-9a-f]{16}$");

        run.Save("api/src/main.txt", "2");
        await run.HearsAsync<News.Changed>();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        Built(world).ShouldBe(["base", "api", "api"]);
        ImageOf(world).ShouldNotBe(first);
        world.Builder.Orders[^1].DockerfileText.ShouldContain("FROM base:devloop-");
    }

    [Fact]
    public async Task A_section_that_counts_after_a_restart_alone_is_told_when_it_changes_and_not_again()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();

        run.Save("devloop.yaml", Web.Config() + "registry: {host: \"reg.io\"}\n");
        Diagnostic told = (await run.HearsAsync<SideNews.Notice>()).Diagnostic;
        (told.Code, told.Severity, told.Message).ShouldBe((DiagnosticCode.CountsAfterRestart, Severity.Warning, "the change of `registry` does not count yet"));

        run.Save("devloop.yaml", Web.Config() + "# the same\nregistry: {host: \"reg.io\"}\nsettings: {quiet_ms: 30}\n");
        await run.HearsAsync<News.ConfigLoaded>();
        run.Save("devloop.yaml", Web.Config() + "registry: {host: \"reg.io\"}\ncluster: {allow_contexts: [dev-eu]}\n");
        (await run.HearsAsync<SideNews.Notice>()).Diagnostic.Message.ShouldBe("the change of `cluster` does not count yet");
    }

    [Theory]
    [InlineData("gha", 1)]
    [InlineData("inline", 0)]
    public async Task A_cache_of_actions_that_is_left_out_is_remarked_on_once(string type, int remarks)
    {
        var world = new LiveWorld(Shop.With("base", "api").Asking("base", $"cache_to: [{{type: {type}}}]").Asking("api", $"cache_to: [{{type: {type}}}]"));
        await using LiveRun run = world.Build(memory: null);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        run.ToldSoFar().OfType<SideNews.Remark>().Count(r => r.Text.Contains("`gha`", StringComparison.Ordinal)).ShouldBe(remarks);
        Built(world).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_second_run_on_the_same_files_builds_and_applies_nothing_and_keeps_the_pods()
    {
        var world = new LiveWorld(Web);
        await using (LiveRun first = world.Ci())
            (await first.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        string[] pods = [.. world.Cluster.All("Pod").Select(p => p["metadata"]!["uid"]!.ToString())];
        int calls = world.Cluster.Calls.Count;
        await using LiveRun second = world.Ci();
        (await second.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        Built(world).Length.ShouldBe(2);
        world.Cluster.Calls.Skip(calls).ShouldAllBe(c => c.Verb == "get");
        world.Cluster.All("Pod").Select(p => p["metadata"]!["uid"]!.ToString()).ShouldBe(pods);
    }

    [Fact]
    public async Task A_build_that_was_lost_waits_until_the_engine_answers_and_is_done_once_more()
    {
        var world = new LiveWorld(Web);
        world.Builder.Lose(new ImageName("base"));
        EngineProbe answers = world.Store.Probe;
        world.Store.Probe = new EngineProbe.Unreachable(Diagnostic.Error(DiagnosticCode.EngineUnreachable, "the Docker Engine cannot be reached"));
        await using LiveRun run = world.Ci();
        await run.HearsAsync<News.BuildLost>(n => n.Image.Value == "base");
        await world.Clock.UntilTimersAsync(1, TimeSpan.FromMilliseconds(100));
        world.Store.Probe = answers;
        world.Clock.Advance(TimeSpan.FromMilliseconds(100));
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        Built(world).ShouldBe(["base", "base", "api"]);
    }

    [Fact]
    public async Task An_image_gets_its_further_names_when_it_is_built_and_again_when_it_is_known()
    {
        var world = new LiveWorld(Shop.With("api"));
        world.Files.Write("devloop.yaml", "version: 1\nimages:\n  api: {context: api, tags: [v1, 'team/other:v2']}\n");
        await using (LiveRun first = world.Build(memory: null))
            (await first.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        ImageDigest built = (await world.Store.FindAsync("api:v1", CancellationToken.None)).ShouldNotBeNull();
        (await world.Store.FindAsync("team/other:v2", CancellationToken.None)).ShouldBe(built);

        ImageReference.TryParse("api:v1", out ImageReference? name).ShouldBeTrue();
        world.Store.Add(FakeWork.Digest("other"));
        await world.Store.TagAsync(FakeWork.Digest("other"), name!, CancellationToken.None);
        await world.PlanAsync();
        (await world.Store.FindAsync("api:v1", CancellationToken.None)).ShouldBe(FakeWork.Digest("other"));

        await using (LiveRun second = world.Build(memory: null))
            (await second.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        (await world.Store.FindAsync("api:v1", CancellationToken.None)).ShouldBe(built);
        world.Builder.Orders.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_the_builder_cannot_do_fails_before_a_build_begins()
    {
        var world = new LiveWorld(Shop.With("api"));
        world.Files.Write("devloop.yaml", "version: 1\nimages:\n  api: {context: api, shm_size: 64m}\n");
        world.Builder.Abilities = world.Builder.Abilities with { BuildKit = new Version(0, 8) };
        await using LiveRun run = world.Build(memory: null);

        (await run.OutcomeAsync()).ShouldBe(RunOutcome.BuildFailed);
        (await run.HearsAsync<News.BuildFailed>()).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.BuilderCannot);
        world.Builder.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_state_tells_the_step_that_runs_and_then_what_the_build_was_made_of()
    {
        var world = new LiveWorld(Shop.With("base"));
        HeldBuild held = world.Builder.Hold(new ImageName("base"));
        await using LiveRun run = world.Build(memory: null);
        await run.StateAsync(s => s.Images[new ImageName("base")].Building?.Steps.Running?.Name.Place == "[1/1]");
        held.Release();
        BuildStep step = (await run.Ended).Images[new ImageName("base")].Steps.All.ShouldHaveSingleItem();
        step.Outcome.ShouldBe(StepOutcome.Built);
    }

    [Fact]
    public async Task A_trigger_of_a_base_makes_files_inputs_of_the_image_on_it()
    {
        var world = new LiveWorld(Web.File("base/Dockerfile", "FROM scratch\nCOPY src /src\nONBUILD COPY notes.md /notes\n"));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        world.Builder.Orders[^1].Context.Files.Select(f => f.Path).ShouldBe(["notes.md", "src/main.txt"]);

        run.Save("api/notes.md", "read by the trigger");
        (await run.HearsAsync<News.BuildSucceeded>()).Reasons.ShouldBe([new BuildReason.FileChanged("api/notes.md", null, "ONBUILD COPY notes.md /notes")]);
        Built(world).ShouldBe(["base", "api", "api"]);
    }

    [Fact]
    public async Task An_image_that_a_trigger_names_is_built_before_the_image_that_records_the_trigger()
    {
        var world = new LiveWorld(Shop.With("tool").Image("base").Image("api", "base").File("base/Dockerfile", "FROM scratch\nCOPY src /src\nONBUILD COPY --from=tool /src /tool\n"));
        await using LiveRun run = world.Ci();
        await run.OutcomeAsync();
        Built(world).ShouldBe(["tool", "base", "api"]);
        world.Builder.Orders[1].DockerfileText.ShouldContain("ONBUILD COPY --from=tool:devloop-");
    }

    [Fact]
    public async Task A_variable_of_a_base_narrows_what_the_image_on_it_reads()
    {
        var world = new LiveWorld(Web
            .File("base/Dockerfile", "FROM scratch\nCOPY src /src\nENV PART=src\n")
            .File("api/Dockerfile", "FROM base\nCOPY $PART /src\n"));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        world.Builder.Orders[^1].Context.Files.Select(f => f.Path).ShouldBe(["src/main.txt"]);
    }

    [Fact]
    public async Task The_same_key_keeps_the_digest_of_who_was_sooner()
    {
        var world = new LiveWorld(Shop.With("api"));
        ImageDigest first = await DigestAfter(world.Ci());
        world.Store.Remove(first);
        world.Builder.Yield(new ImageName("api"), FakeWork.Digest("another"));
        HeldBuild held = world.Builder.Hold(new ImageName("api"));
        LiveRun run = world.Ci();
        await held.Started.WaitAsync(TimeSpan.FromSeconds(60));
        world.Store.Add(first); // another devloop has built it meanwhile
        held.Release();

        (await DigestAfter(run)).ShouldBe(first);
        Built(world).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_digest_that_the_engine_lost_gives_way_to_what_is_built_in_its_place()
    {
        var world = new LiveWorld(Shop.With("api"));
        world.Store.Remove(await DigestAfter(world.Ci()));
        world.Builder.Yield(new ImageName("api"), FakeWork.Digest("another"));

        (await DigestAfter(world.Ci())).ShouldBe(FakeWork.Digest("another"));
        (await DigestAfter(world.Ci())).ShouldBe(FakeWork.Digest("another"));
        Built(world).Length.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_built_anew_on_request_takes_the_place_of_what_was_there()
    {
        var world = new LiveWorld(Shop.With("api"));
        await DigestAfter(world.Ci());
        world.Builder.Yield(new ImageName("api"), FakeWork.Digest("another"));

        (await DigestAfter(world.Ci(noCache: true))).ShouldBe(FakeWork.Digest("another"));
        (await DigestAfter(world.Ci())).ShouldBe(FakeWork.Digest("another"));
        Built(world).Length.ShouldBe(2);
    }

    [Fact]
    public async Task After_an_edit_only_the_edited_file_is_read()
    {
        var world = new LiveWorld(Shop.With("api"));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        run.Save("api/src/main.txt", "2");
        await run.HearsAsync<News.Quiet>();

        world.Contexts.Readings.Last().ShouldBe(["src/main.txt", ".git"]);
    }

    [Fact]
    public async Task An_edit_during_a_build_ends_it_on_the_builder_too()
    {
        var world = new LiveWorld(Web);
        HeldBuild held = world.Builder.Hold(new ImageName("base"));
        await using LiveRun run = world.Up();
        await held.Started.WaitAsync(TimeSpan.FromSeconds(60));
        run.Save("base/src/main.txt", "2");
        await held.Cancelled.WaitAsync(TimeSpan.FromSeconds(60));
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        Built(world).ShouldBe(["base", "base", "api"]);
    }

    [Fact]
    public async Task A_file_that_is_saved_while_it_is_sent_ends_up_in_the_image()
    {
        var world = new LiveWorld(Web);
        HeldBuild held = world.Builder.Hold(new ImageName("api"));
        await using LiveRun run = world.Ci();
        await held.Started.WaitAsync(TimeSpan.FromSeconds(60));
        world.Files.Write("api/src/main.txt", "saved late");
        held.Release();
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        Built(world).ShouldBe(["base", "api", "api"]);
    }

    [Fact]
    public async Task A_broken_step_fails_the_run_and_says_where()
    {
        var world = new LiveWorld(Web);
        world.Builder.FailStep(new ImageName("api"), line: 2, exitCode: 1, "no such module");
        await using LiveRun run = world.Ci();
        News.BuildFailed failed = await run.HearsAsync<News.BuildFailed>();
        failed.Diagnostics.ShouldHaveSingleItem().At!.ToString().ShouldBe("api/Dockerfile:2:1");
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.BuildFailed);
        world.Cluster.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_build_in_the_loop_is_mended_by_the_next_save()
    {
        var world = new LiveWorld(Web);
        world.Builder.FailStep(new ImageName("base"), line: 1, exitCode: 1);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.BuildFailed>();
        world.Builder.Succeed(new ImageName("base"));
        run.Save("base/src/main.txt", "mended");
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
    }

    [Fact]
    public async Task A_pod_that_ends_again_and_again_is_not_healthy()
    {
        var world = new LiveWorld(Web);
        world.Cluster.PodOutcome = pod =>
        {
            world.Cluster.EndLog(pod["metadata"]!["name"]!.ToString(), "c0");
            return FakePodOutcome.CrashLoop;
        };
        await using LiveRun run = world.Ci();
        await run.StateAsync(s => s.Resources[new ResourceName("web")].BrokenSince is not null);
        TimeSpan lastWords = TimeSpan.FromMilliseconds(500);
        await world.Clock.UntilTimersAsync(1, lastWords);
        world.Clock.Advance(lastWords);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.NotHealthy);
    }

    [Fact]
    public async Task A_pod_that_does_not_get_ready_in_time_is_not_healthy()
    {
        var world = new LiveWorld(Web);
        world.Cluster.PodOutcome = _ => FakePodOutcome.NeverReady;
        await using LiveRun run = world.Ci(timeout: TimeSpan.FromMinutes(2));
        await run.HearsAsync<News.Status>(n => n.Now is Health.Progressing);
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.NotHealthy);
        (await run.Ended).TimedOut.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refused_object_fails_the_run_and_is_told_with_its_place()
    {
        var world = new LiveWorld(Web);
        world.Cluster.Refuse = call => call.Verb == "apply" ? new ClusterException(403, "Forbidden", "no right to do so") : null;
        await using LiveRun run = world.Ci();
        News.DeployFailed failed = await run.HearsAsync<News.DeployFailed>();
        failed.Diagnostics.ShouldHaveSingleItem().At!.File.ShouldBe("k8s/web.yaml");
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.DeployFailed);
    }

    [Fact]
    public async Task A_cluster_that_was_away_gets_the_deploy_when_it_is_back()
    {
        var world = new LiveWorld(Web);
        world.Cluster.GoAway();
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.DeployFailed>();
        world.Cluster.ComeBack();
        run.Save("api/notes.md", "any save");
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        await run.HearsAsync<News.DeployFinished>();
    }

    [Fact]
    public async Task Images_go_through_the_registry_and_the_cluster_is_told_its_own_name_for_it()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Ci(delivery: new Delivery.Registry("127.0.0.1:5005", "registry:5000"));
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Store.Pushes.ShouldHaveSingleItem().Familiar.ShouldStartWith("127.0.0.1:5005/api:devloop-");
        ImageOf(world).ShouldStartWith("registry:5000/api:devloop-");
    }

    [Fact]
    public async Task Images_are_loaded_into_the_nodes_that_lack_them_and_keep_their_name()
    {
        var world = new LiveWorld(Web);
        ImageNode one = world.Nodes.Start("one", NodeRuntime.Containerd);
        await using (LiveRun first = world.Ci(delivery: new Delivery.Nodes([one])))
        {
            (await first.HearsAsync<News.PushFinished>()).IntoNodes.ShouldBeTrue();
            (await first.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        }
        ImageNode two = world.Nodes.Start("two", NodeRuntime.Containerd);
        await using LiveRun second = world.Ci(delivery: new Delivery.Nodes([one, two]));
        (await second.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Nodes.Loads.Select(l => l.Node).ShouldBe(["one", "two"]);
        ImageOf(world).ShouldStartWith("api:devloop-");
        world.Nodes.Loads.Select(l => l.Image.Familiar).Distinct().ShouldBe([ImageOf(world)]);
        world.Store.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_refuses_an_image_holds_the_deploy_until_the_next_save()
    {
        var world = new LiveWorld(Web);
        ImageNode node = world.Nodes.Start("node", NodeRuntime.Containerd);
        world.Nodes.Refuse(node, "no space left on device");
        await using LiveRun run = world.Up(delivery: new Delivery.Nodes([node]));
        Diagnostic why = (await run.HearsAsync<News.PushFinished>()).Failure.ShouldNotBeNull();
        (why.Code, why.Notes[0]).ShouldBe((DiagnosticCode.LoadFailed, "no space left on device"));
        world.Cluster.All("Deployment").ShouldBeEmpty();
        world.Nodes.Refuse(node, null);
        run.Save("api/src/main.txt", "2");
        await run.HearsAsync<News.DeployFinished>();
        run.Stop();
        await run.Ended;
    }

    [Fact]
    public async Task The_output_of_containers_is_followed_and_the_port_leads_to_the_newest_pod()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Up();
        await run.HearsAsync<SideNews.Forwarding>();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        string pod = world.Cluster.All("Pod").ShouldHaveSingleItem()["metadata"]!["name"]!.ToString();
        world.Cluster.WriteLog(pod, "c0", "hello");
        (await run.HearsAsync<SideNews.Log>()).ShouldBe(new SideNews.Log(new ResourceName("web"), pod, "c0", "hello"));
        world.Forwarder.Open[9000].ShouldBe(new ForwardTarget("default", pod, 8080));
        run.Stop();
        await run.Ended;
    }

    [Fact]
    public async Task A_busy_port_is_told_once_and_the_run_goes_on()
    {
        var world = new LiveWorld(Web);
        world.Forwarder.Occupy(9000);
        await using LiveRun run = world.Up();
        (await run.HearsAsync<SideNews.Notice>()).Diagnostic.Code.ShouldBe(DiagnosticCode.PortBusy);
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
    }

    [Fact]
    public async Task A_config_that_is_saved_anew_is_taken_up()
    {
        var world = new LiveWorld(Web.File("new/Dockerfile", "FROM base\nCOPY x /x\n").File("new/x", "1"));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Now is Health.Ready);
        run.Save("devloop.yaml", Web.Image("new", "base").Config());
        await run.HearsAsync<News.ConfigLoaded>();
        await run.HearsAsync<News.BuildSucceeded>(n => n.Image.Value == "new");
        // What is new is watched from now on.
        await run.HearsAsync<News.Quiet>();
        run.Save("new/x", "2");
        await run.HearsAsync<News.BuildSucceeded>(n => n.Image.Value == "new");
    }

    [Fact]
    public async Task Stopping_ends_the_build_and_leaves_the_cluster_as_it_is()
    {
        var world = new LiveWorld(Web);
        HeldBuild held = world.Builder.Hold(new ImageName("base"));
        await using LiveRun run = world.Up();
        await held.Started.WaitAsync(TimeSpan.FromSeconds(60));
        run.Stop();
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Interrupted);
        await run.DisposeAsync();
        held.Cancelled.IsCompleted.ShouldBeTrue();
        world.Forwarder.Open.ShouldBeEmpty();
        world.Watcher.Directories.ShouldBeEmpty();
        world.Cluster.Calls.ShouldBeEmpty();
    }

    /// <summary>The digest of <c>api</c> when a run is over.</summary>
    private static async Task<ImageDigest> DigestAfter(LiveRun run)
    {
        await using (run)
        {
            await run.OutcomeAsync();
            return (await run.Ended).Images[new ImageName("api")].Result!.Digest;
        }
    }

    private static string[] Built(LiveWorld world) => [.. world.Builder.Orders.Select(o => o.Image.Value)];

    private static string ImageOf(LiveWorld world)
    {
        JsonObject deployment = world.Cluster.All("Deployment").ShouldHaveSingleItem();
        return deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.ToString();
    }
}
