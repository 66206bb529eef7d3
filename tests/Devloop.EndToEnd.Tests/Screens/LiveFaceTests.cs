using System.Text;
using Devloop.Cli.Terminal;
using Devloop.Cli.Terminal.Live;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Recorded;
using Devloop.Testing.Scenarios;

namespace Devloop.EndToEnd.Tests.Screens;

/// <summary>The live face on a terminal in memory, with a clock that tests move.</summary>
public sealed class LiveFaceTests : IDisposable
{
    private readonly TerminalScreen _terminal = new(80, 30);
    private readonly FakeClock _clock = new();
    private readonly LiveScreen _screen;
    private readonly LiveFace _face;
    private readonly StringBuilder _shots = new();

    public LiveFaceTests()
    {
        _screen = new LiveScreen(_terminal, () => (80, 30), color: false);
        var above = new Above(_screen, _terminal);
        var lines = new PlainFace(new Consoles(above, above, Palette.None, Palette.None), verbose: false, _ => ["http://localhost:3000"], namesLongSteps: false);
        _face = new LiveFace(lines, _screen, new LivePicture(Glyphs.Unicode), _clock);
    }

    [Fact]
    public void A_run_from_its_first_build_to_its_end()
    {
        _face.Loaded(new RunHeader("devloop.yaml", 2, 1, "cluster kind-dev", []));
        Scenario run = Scenario.Given(Shop.With("base").Image("api", "base").Running("web", ["api"])).TellingTo(_face.Tell).WhenStarted();
        Play("base", "pulled", until: 1.3);
        Shoot("a base is pulled");
        Pass(run, 4);
        run.WhenBuilt("base");
        Play("api", "failed", until: 1.0);
        Shoot("what stands on it is built");
        Pass(run, 2);
        run.WhenBuildFails("api");
        Shoot("it failed");
        run.WhenSourceEdited("2", "api");
        Pass(run, 1);
        run.WhenBuilt("api");
        Shoot("it is applied");
        run.WhenApplied("web").WhenObserved("web", Healths.Starting);
        Shoot("its pod starts");
        Pass(run, 1);
        run.WhenReady("web");
        Shoot("all is well");
        run.When(new EngineEvent.StopRequested());
        _face.Ended(RunOutcomes.Of(run.State), run.State, run.Now);
        Shoot("stopped");
        Golden.Check(_shots.ToString(), "live-run");
    }

    [Fact]
    public void A_push_shows_how_far_it_is()
    {
        Scenario run = Scenario.Given(Shop.With("api").Running("web", ["api"]), delivery: new Delivery.Registry("127.0.0.1:5005", "registry:5000")).TellingTo(_face.Tell).WhenStarted();
        run.WhenBuilt("api");
        Say("api", new BuildProgress.Transfer("layer", "Pushing", 25_000_000, 100_000_000, Done: false));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _terminal.Text.ShouldMatch(@"◐ api      pushing devloop-[0-9a-f]{8} +━━━╌╌╌╌╌╌╌╌╌  25% +1s\n");
    }

    [Fact]
    public void The_block_is_drawn_ten_times_a_second_at_most()
    {
        Scenario.Given(Shop.With("api")).TellingTo(_face.Tell).WhenStarted();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        int before = _terminal.Writes;
        Say("api", new BuildProgress.StepStarted("1", "[1/2] FROM x"));
        for (int i = 0; i < 1000; i++)
        {
            Say("api", new BuildProgress.Transfer("1", "layer", i, 1000, Done: false));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        (_terminal.Writes - before).ShouldBeInRange(9, 11);
    }

    [Fact]
    public void While_something_runs_the_time_goes_on_and_when_all_is_quiet_nothing_is_written()
    {
        Scenario run = Scenario.Given(Shop.With("api").Running("web", ["api"])).TellingTo(_face.Tell).WhenStarted();
        _clock.Advance(TimeSpan.FromSeconds(3.5));
        _terminal.Text.ShouldContain("3s\n");
        run.WhenBuilt("api").WhenApplied("web").WhenReady("web");
        _clock.Advance(TimeSpan.FromSeconds(1));
        int before = _terminal.Writes;
        _clock.Advance(TimeSpan.FromMinutes(10));
        _terminal.Writes.ShouldBe(before);
    }

    [Fact]
    public void What_is_said_of_a_build_before_the_news_that_it_began_is_not_lost()
    {
        EngineState? state = null;
        News? began = null;
        Scenario.Given(Shop.With("api")).TellingTo((n, s) => (began, state) = (n as News.BuildStarted ?? began, s)).WhenStarted();
        Say("api", new BuildProgress.StepStarted("1", "[1/2] RUN early"));
        _face.Tell(began!, state!);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _terminal.Text.ShouldContain("◐ api      [1/2] RUN early");
    }

    public void Dispose()
    {
        _face.Dispose();
        _screen.Dispose();
        _terminal.Dispose();
    }

    private void Play(string image, string recorded, double until)
    {
        foreach ((_, BuildProgress said) in RecordedBuild.Read(recorded).TakeWhile(r => r.At.TotalSeconds <= until))
            Say(image, said);
    }

    private void Say(string image, BuildProgress said) => _face.Tell(new SideNews.Build(new ImageName(image), said));

    private void Pass(Scenario run, double seconds)
    {
        run.After(seconds);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    private void Shoot(string title)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        _shots.Append($"=== {title}\n{_terminal.Text}");
    }

    /// <summary>Consoles that leave room for the block, as those of the process do.</summary>
    private sealed class Above(LiveScreen screen, TerminalScreen terminal) : StringWriter
    {
        public override void Write(string? value) => screen.Write(terminal, value ?? "");
    }
}
