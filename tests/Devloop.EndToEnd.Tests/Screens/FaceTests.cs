using Devloop.Cli.Terminal;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.EndToEnd.Tests.Screens;

/// <summary>What a run looks like, as goldens: the engine's own news of scenarios, told to a face without colour.</summary>
public sealed class FaceTests : IDisposable
{
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    private static Shop Two => Shop.With("base").Image("api", "base").Running("web", ["api"]);

    [Fact]
    public void The_loop_in_lines() => Check("plain-up", Plain, Loop);

    [Fact]
    public void The_loop_in_json() => Check("json-up", Json, Loop);

    [Fact]
    public void A_failed_build_in_lines() => Check("plain-failed-build", Plain, FailedBuild);

    [Fact]
    public void A_failed_build_in_json() => Check("json-failed-build", Json, FailedBuild);

    [Fact]
    public void What_builds_pods_and_ports_say_beside() => Check("plain-side-news", Plain, face => Array.ForEach(Beside, face.Tell));

    [Fact]
    public void What_builds_pods_and_ports_say_beside_when_asked_for_more() => Check("plain-side-news-verbose", c => new PlainFace(c, verbose: true, _ => []), face => Array.ForEach(Beside, face.Tell));

    [Fact]
    public void What_builds_and_pods_say_beside_in_json() => Check("json-side-news", Json, face => Array.ForEach(Beside, face.Tell));

    [Fact]
    public void Edits_that_nothing_reads() => Check("plain-unread", c => new PlainFace(c, verbose: true, _ => []), Unread);

    [Fact]
    public void Edits_that_nothing_reads_in_json() => Check("json-unread", Json, Unread);

    [Fact]
    public void A_pipeline_that_shares_builds_in_lines() => Check("plain-shared", Plain, Shared);

    [Fact]
    public void A_pipeline_that_shares_builds_in_json() => Check("json-shared", Json, Shared);

    [Fact]
    public void A_pipeline_that_loads_nodes_in_lines() => Check("plain-loaded", Plain, Loaded);

    [Fact]
    public void A_pipeline_that_loads_nodes_in_json() => Check("json-loaded", Json, Loaded);

    [Fact]
    public void Local_commands_in_lines() => Check("plain-local", Plain, Local);

    [Fact]
    public void Local_commands_in_json() => Check("json-local", Json, Local);

    /// <summary>A generator, then what it feeds; a server that crashes; an edit that makes a run obsolete; a failure; Ctrl-C.</summary>
    private static void Local(IFace face)
    {
        Shop shop = Shop.With("api").File("proto/p", "1").Local("codegen", "command: make gen, deps: [proto], produces: [api/src/gen]").Local("dev", "serve: npm run dev");
        Scenario run = Scenario.Given(shop).TellingTo(face.Tell).WhenStarted();
        face.Tell(new SideNews.Log(new ResourceName("codegen"), "", "", "protoc api.proto"));
        run.After(0.2).WhenRan("dev").WhenObserved("dev", new Health.Ready(1, 1) { Text = "serving" }).After(1).WhenRan("codegen").After(1).WhenBuilt("api")
            .After(2).WhenEdited("proto/p", "2").After(1).WhenEdited("proto/p", "3").After(1).WhenRunFails("codegen")
            .After(1).WhenObserved("dev", new Health.Failed("it ended with exit code 1", []))
            .After(2).WhenEdited("proto/p", "4").After(1).When(new EngineEvent.StopRequested());
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    }

    [Fact]
    public void A_pipeline_whose_pods_crash() => Check("plain-ci-crash", Plain, face =>
    {
        Scenario run = Scenario.Given(Two, RunMode.Once).TellingTo(face.Tell).WhenStarted();
        run.After(1).WhenBuilt("base").After(1).WhenBuilt("api").After(1).WhenApplied("web").After(2).WhenObserved("web", Healths.Hopeless).WhenWoken("web", TimeSpan.FromSeconds(1));
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    });

    [Fact]
    public void A_loop_whose_pods_crash_and_whose_config_breaks() => Check("plain-up-crash", Plain, face =>
    {
        Scenario run = Scenario.Given(Two).TellingTo(face.Tell).WhenStarted();
        run.After(1).WhenBuilt("base").After(1).WhenBuilt("api").After(1).WhenApplied("web").After(2).WhenObserved("web", Healths.Hopeless);
        run.After(5).WhenEdited("devloop.yaml", "version: 1\nimages: [\n").After(5).WhenEdited("devloop.yaml", Two.Config());
        run.After(5).WhenSourceEdited("2", "api").After(1).WhenBuilt("api").After(1).WhenApplied("web").After(1).WhenReady("web");
    });

    [Fact]
    public void A_pipeline_that_runs_out_of_time() => Check("plain-ci-timeout", Plain, face =>
    {
        Scenario run = Scenario.Given(Two, RunMode.Once).TellingTo(face.Tell).WhenStarted();
        run.After(1).WhenBuilt("base").After(1).WhenBuilt("api").After(1).WhenApplied("web").WhenObserved("web", Healths.Starting).After(60).When(new EngineEvent.DeadlinePassed());
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    });

    private static void Unread(IFace face)
    {
        Scenario run = Scenario.Given(Two.File("api/.dockerignore", "notes.md\n"), RunMode.Up).TellingTo(face.Tell).WhenStarted();
        run.After(1).WhenBuilt("base").After(1).WhenBuilt("api").After(1).WhenApplied("web").WhenObserved("web", Healths.Ready)
            .After(1).WhenTouched("api/notes.md", "base/notes.md").WhenTouched([.. Enumerable.Range(0, 8).Select(i => $"base/other/{i}.txt")]);
    }

    [Fact]
    public void An_interrupted_loop() => Check("plain-interrupted", Plain, face =>
    {
        Scenario run = Scenario.Given(Two).Running().TellingTo(face.Tell).When(new EngineEvent.StopRequested());
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    });

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    private static PlainFace Plain(Consoles consoles) => new(consoles, verbose: false, _ => ["http://localhost:3000"]);

    private static JsonFace Json(Consoles consoles) => new(consoles, new FakeClock());

    private static void Loop(IFace face)
    {
        face.Loaded(new RunHeader("devloop.yaml", 2, 1, "cluster kind-dev", []));
        Scenario run = Scenario.Given(Two).TellingTo(face.Tell).WhenStarted();
        run.After(3.8).WhenBuilt("base").After(1.2).WhenBuilt("api").After(0.3).WhenApplied("web").After(0.02).WhenObserved("web", Healths.Starting).After(1).WhenReady("web");
        run.After(60).WhenSourceEdited("2", "base").After(2).WhenBuilt("base").After(75).WhenBuilt("api").After(0.1).WhenApplied("web").After(1).WhenReady("web");
        run.After(10).WhenTouched("api/src/main.txt");
        run.After(10).WhenSourceEdited("3", "base").After(1).WhenBuiltTheSame("base");
        run.After(5).WhenSourceEdited("3", "api").After(0.5).WhenSourceEdited("4", "api").After(1).WhenBuilt("api").After(1).WhenRefused("web");
    }

    private static void FailedBuild(IFace face)
    {
        Scenario run = Scenario.Given(Two, RunMode.Once).TellingTo(face.Tell).WhenStarted();
        run.After(1.1).WhenBuildFails("base");
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    }

    /// <summary>A base that another machine published, and an app that another one publishes at the same time.</summary>
    private static void Shared(IFace face)
    {
        Scenario run = Scenario.Given(Two, RunMode.Once, memory: new BuildMemory("127.0.0.1:5005", Whole: true)).Published("base").TellingTo(face.Tell).WhenStarted();
        run.After(0.4).WhenPulled("base").After(1.2).WhenBuilt("api").After(0.1).WhenPushed("api").After(0.5).WhenPublished("api", counts: "theirs");
        run.After(0.2).WhenPulled("api").After(0.1).WhenApplied("web").After(1).WhenReady("web");
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    }

    private static void Loaded(IFace face)
    {
        var node = new ImageNode(new NodeContainer("id", "kind-control-plane"), NodeRuntime.Containerd);
        Scenario run = Scenario.Given(Two, RunMode.Once, delivery: new Delivery.Nodes([node])).TellingTo(face.Tell).WhenStarted();
        run.After(0.4).WhenBuilt("base").After(1.2).WhenBuilt("api").After(0.3).WhenPushed("api").After(0.1).WhenApplied("web").After(1).WhenReady("web");
        face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
    }

    [Theory]
    [InlineData("plain-removed")]
    [InlineData("json-removed")]
    public void Objects_that_leave_the_config(string golden) => Check(golden, golden == "plain-removed" ? Plain : Json, face =>
    {
        foreach (RemovalOutcome outcome in new[] { RemovalOutcome.Deleted, RemovalOutcome.Kept, RemovalOutcome.KindKept, RemovalOutcome.OfAnother })
            face.Tell(new SideNews.Removed("web", new ObjectReference(new ObjectKind("v1", "ConfigMap"), "dev", outcome.ToString().ToLowerInvariant()), outcome));
        face.Tell(new SideNews.WaitsToGo(new ObjectReference(new ObjectKind("v1", "ConfigMap"), "dev", "held"), "finalizer `example.com/hold` holds it"));
        face.Tell(new News.RemovalFailed([Diagnostic.Error(DiagnosticCode.DeletionHangs, "`configmap/held` was deleted and is still there after 90 s")]), Scenario.Given(Two).State);
    });

    private static SideNews[] Beside =>
    [
        new SideNews.Build(new ImageName("api"), new BuildProgress.StepFinished("1", "[1/3] FROM base", TimeSpan.Zero, Cached: true, null)),
        new SideNews.Build(new ImageName("api"), new BuildProgress.StepStarted("2", "[2/3] RUN make")),
        new SideNews.Build(new ImageName("api"), new BuildProgress.Output("2", "cc -o api api.c", IsError: false)),
        new SideNews.Build(new ImageName("api"), new BuildProgress.StepFinished("2", "[2/3] RUN make", TimeSpan.FromSeconds(12.34), Cached: false, null)),
        new SideNews.Build(new ImageName("api"), new BuildProgress.Warning("`as` in lower case", 3)),
        new SideNews.Forwarding(new ResourceName("web"), new PortForward("127.0.0.1", 9000, "http")),
        new SideNews.Recreating(new ResourceName("web"), new ObjectReference(new ObjectKind("apps/v1", "Deployment"), null, "web"), "`spec.selector` cannot be changed in place"),
        new SideNews.Log(new ResourceName("web"), "web-1", "main", "listening on :8080"),
        new SideNews.Remark("the entry of key 01234567 in the key store was damaged; it counts as missing"),
        new SideNews.Notice(Diagnostic.Error(DiagnosticCode.PortBusy, "port 9000 is in use") with { Help = "another `port_forwards` entry takes a free one" }),
    ];

    private void Check(string golden, Func<Consoles, IFace> make, Action<IFace> play)
    {
        play(make(new Consoles(_out, _error, Palette.None, Palette.None)));
        string text = _error.ToString() + (_out.ToString() is { Length: > 0 } data ? "--- stdout\n" + data : "");
        text.ShouldNotContain("\e");
        Golden.Check(text, golden);
    }
}
