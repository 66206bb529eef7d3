using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Rollout;
using Shouldly;

namespace Devloop.Testing.Scenarios;

/// <summary>
/// The engine in the words of its user: given a project, when something happens, then this is built, held or deployed. Drives
/// <see cref="Transition.Step"/> alone. Fingerprints and readings of the config are answered at once, from the files as they are; builds,
/// pushes and deploys go on until the test ends them. Every <c>Then</c> looks at what was asked for since the last <c>When</c>.
/// </summary>
public sealed class Scenario
{
    private readonly List<EngineEffect> _asked = [];
    private readonly List<EngineEffect> _held = [];
    private readonly List<News> _news = [];
    private readonly Dictionary<ContentKey, KnownImage> _store = [];
    private readonly Dictionary<string, KnownImage> _published = new(StringComparer.Ordinal);
    private readonly NewsReader _reader = new();
    private bool _holdsLooks;
    private Action<News, EngineState> _face = (_, _) => { };

    private Scenario(FakeFileTree files, RunOptions options)
    {
        Files = files;
        Parsed<ResolvedProject> project = FakeWork.Load(files);
        project.Diagnostics.Where(d => d.Severity == Severity.Error).ShouldBeEmpty();
        State = EngineState.Initial(project.Value!, options);
    }

    public FakeFileTree Files { get; }

    public EngineState State { get; private set; }

    public TimeSpan Now { get; private set; }

    /// <summary>What was told since the last <c>When</c>.</summary>
    public IReadOnlyList<News> News => _news;

    /// <summary>What was asked for since the last <c>When</c>.</summary>
    public IReadOnlyList<EngineEffect> Asked => _asked;

    public static Scenario Given(Shop shop, RunMode mode = RunMode.Up, int parallel = 16, Delivery? delivery = null, BuildMemory? memory = null, bool noCache = false) =>
        new(shop.Files(), new RunOptions { Mode = mode, MaxParallelBuilds = parallel, Delivery = delivery, Memory = memory, NoCache = noCache });

    /// <summary>Everything is built, pushed, deployed and ready.</summary>
    public Scenario Running()
    {
        WhenStarted();
        for (int round = 0; round < 100 && !Idle; round++)
            FinishAll();
        foreach (ResourceName name in State.Resources.Keys)
            WhenObserved(name.Value, new Health.Ready(1, 1));
        for (int round = 0; round < 100 && !Idle; round++)
            FinishAll();
        foreach (ResourceName name in State.Resources.Keys)
            WhenObserved(name.Value, new Health.Ready(1, 1));
        _asked.Clear();
        _news.Clear();
        return this;
    }

    /// <summary>The run goes on with other options.</summary>
    public Scenario With(Func<RunOptions, RunOptions> change)
    {
        State = State with { Options = change(State.Options) };
        return this;
    }

    /// <summary>From now on the test says when an image has been looked at and the config read.</summary>
    public Scenario HoldingLooks(bool hold = true)
    {
        _holdsLooks = hold;
        return this;
    }

    /// <summary>The registry has these images under the keys that they will have, and the engine does not.</summary>
    public Scenario Published(params string[] images)
    {
        foreach (string image in images)
            _published[image] = new KnownImage(FakeWork.Digest(image + " of another machine"), InEngine: false, Published: true);
        return this;
    }

    /// <summary>From now on all news go to a face too.</summary>
    public Scenario TellingTo(Action<News, EngineState> face)
    {
        _face = face;
        return this;
    }

    /// <summary>Time passes.</summary>
    public Scenario After(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    public Scenario WhenStarted() => When(new EngineEvent.Started());

    public Scenario WhenTheWatchStands() => When(new EngineEvent.WatchStarted());

    public Scenario WhenEventsAreLost() => When(new EngineEvent.FilesChanged([], Overflow: true));

    /// <summary>A file gets another content and the watcher says so.</summary>
    public Scenario WhenEdited(string path, string text)
    {
        Files.Write(path, text);
        return WhenTouched(path);
    }

    /// <summary>The source of images gets another content, all in one burst.</summary>
    public Scenario WhenSourceEdited(string content, params string[] images)
    {
        foreach (string image in images)
            Files.Write($"{image}/src/main.txt", content);
        return WhenTouched([.. images.Select(i => $"{i}/src/main.txt")]);
    }

    public Scenario WhenDeleted(string path)
    {
        Files.Delete(path);
        return WhenTouched(path);
    }

    /// <summary>The watcher says that files changed; their content stays as it is.</summary>
    public Scenario WhenTouched(params string[] paths) => When(new EngineEvent.FilesChanged([.. paths], Overflow: false));

    /// <param name="digest">What the build gave, as a word; by default its key gives it.</param>
    public Scenario WhenBuilt(string image, string? digest = null)
    {
        RunningBuild build = RunningBuildOf(image);
        ImageDigest made = FakeWork.Digest(digest ?? build.Fingerprint.Key.Value);
        _store[build.Fingerprint.Key] = new KnownImage(made, InEngine: true, Published: false);
        return When(new EngineEvent.BuildFinished(build.Work, new ImageName(image), new BuildOutcome.Built(made)));
    }

    /// <summary>A build gives the very output that the one before gave.</summary>
    public Scenario WhenBuiltTheSame(string image)
    {
        RunningBuild build = RunningBuildOf(image);
        ImageDigest before = State.Images[new ImageName(image)].Result.ShouldNotBeNull().Digest;
        _store[build.Fingerprint.Key] = new KnownImage(before, InEngine: true, Published: false);
        return When(new EngineEvent.BuildFinished(build.Work, new ImageName(image), new BuildOutcome.Built(before)));
    }

    public Scenario WhenBuildFails(string image, bool environment = false) =>
        When(new EngineEvent.BuildFinished(RunningBuildOf(image).Work, new ImageName(image), new BuildOutcome.Failed([Diagnostic.Error(DiagnosticCode.BuildStepFailed, $"image `{image}` did not build")]) { Environment = environment }));

    /// <summary>The engine goes away during a build.</summary>
    public Scenario WhenBuildIsLost(string image) =>
        When(new EngineEvent.BuildFinished(RunningBuildOf(image).Work, new ImageName(image), new BuildOutcome.Lost(Diagnostic.Error(DiagnosticCode.BuilderLost, "the connection was lost"))));

    /// <summary>A build finds no engine.</summary>
    public Scenario WhenEngineIsAway(string image) =>
        When(new EngineEvent.BuildFinished(RunningBuildOf(image).Work, new ImageName(image), new BuildOutcome.Failed([EngineAway]) { Environment = true }));

    /// <summary>The engine that was waited for answers, or is given up.</summary>
    public Scenario WhenEngineAnswers(bool givenUp = false)
    {
        State.AwaitingEngine.ShouldNotBe(WorkId.None, "nobody waits for the engine");
        return When(new EngineEvent.EngineAnswered(State.AwaitingEngine, givenUp ? EngineAway : null));
    }

    private static readonly Diagnostic EngineAway = Diagnostic.Error(DiagnosticCode.EngineUnreachable, "the Docker Engine cannot be reached");

    /// <summary>A file changed between hashing and sending.</summary>
    public Scenario WhenBuildIsObsolete(string image, string path) =>
        When(new EngineEvent.BuildFinished(RunningBuildOf(image).Work, new ImageName(image), new BuildOutcome.Obsolete(path)));

    public Scenario WhenPushed(string image, Diagnostic? failure = null)
    {
        ImageState state = State.Images[new ImageName(image)];
        return When(new EngineEvent.PushFinished(state.Pushing, new ImageName(image), state.Result!.Digest, failure));
    }

    /// <param name="counts">The image that counts under the key, as a word; by default the one that was to be published.</param>
    public Scenario WhenPublished(string image, string? counts = null)
    {
        ImageState state = State.Images[new ImageName(image)];
        state.Publishing.ShouldNotBe(WorkId.None, $"`{image}` is not being published");
        return When(new EngineEvent.Published(state.Publishing, new ImageName(image), state.Result!.Key, counts is null ? state.Result.Digest : FakeWork.Digest(counts)));
    }

    public Scenario WhenPulled(string image, Diagnostic? failure = null)
    {
        ImageState state = State.Images[new ImageName(image)];
        state.Pulling.ShouldNotBe(WorkId.None, $"`{image}` is not being pulled");
        return When(new EngineEvent.PullFinished(state.Pulling, new ImageName(image), state.Result!.Digest, failure));
    }

    public Scenario WhenApplied(string resource, ChangeKind change = ChangeKind.Configured) =>
        When(new EngineEvent.DeployFinished(DeployOf(resource), new ResourceName(resource), new DeployOutcome.Applied([.. State.Project.Resources.Single(r => r.Name.Value == resource).Objects.Select(o => new ObjectChange(o.Reference, change))])));

    /// <summary>The cluster has these containers of an image, each as <c>pod/id</c>, all from the image that is deployed, and supervised.</summary>
    public Scenario WhenContainers(string resource, string image, params string[] containers) =>
        WhenContainersOf(resource, [.. containers.Select(c => Container(resource, image, c))]);

    public Scenario WhenContainersOf(string resource, params LiveContainer[] containers) => When(new EngineEvent.ContainersSeen(new ResourceName(resource), [.. containers]));

    public LiveContainer Container(string resource, string image, string container)
    {
        string[] parts = container.Split('/');
        ImageDigest digest = State.Resources[new ResourceName(resource)].Images[new ImageName(image)];
        return new LiveContainer(new ContainerPlace("default", parts[0], "c0", parts[1]), parts[0], new ImageName(image), ContentTag.Of(digest)) { Supervised = true };
    }

    /// <summary>The update of a container that runs ends; well by default.</summary>
    public Scenario WhenUpdated(string resource, string id, ContainerUpdateOutcome? outcome = null)
    {
        RunningUpdate running = State.Resources[new ResourceName(resource)].Containers[id].Updating.ShouldNotBeNull($"`{id}` is not being updated");
        return When(new EngineEvent.ContainerUpdated(running.Work, new ResourceName(resource), id, outcome ?? new ContainerUpdateOutcome.Updated()));
    }

    /// <summary>These containers are given something, each as <c>id: +written -gone !command restart</c>.</summary>
    public Scenario ThenUpdates(params string[] updates)
    {
        _asked.OfType<EngineEffect.StartLiveUpdate>().Select(u => u.Container.Place.Id + ": " + string.Join(' ',
        [
            .. u.Plan.Entries.Where(e => e is not OverlayEntry.Directory).Select(e => (e is OverlayEntry.Gone ? "-" : "+") + e.Path),
            .. u.Plan.Runs.Select(r => "!" + r),
            .. u.Restart ? ["restart"] : Array.Empty<string>(),
        ])).ShouldBe(updates, ignoreOrder: true);
        return this;
    }

    public Scenario ThenUpdatesNothing() => ThenUpdates();

    /// <summary>The pods of these containers are made anew.</summary>
    public Scenario ThenReplacesPodOf(params string[] containers)
    {
        _asked.OfType<EngineEffect.ReplacePod>().Select(r => r.Container.Place.Id).ShouldBe(containers, ignoreOrder: true);
        return this;
    }

    /// <summary>A local command ends well.</summary>
    public Scenario WhenRan(string local) => When(new EngineEvent.LocalRan(DeployOf(local), new ResourceName(local), new LocalOutcome.Ran()));

    public Scenario WhenRunFails(string local) =>
        When(new EngineEvent.LocalRan(DeployOf(local), new ResourceName(local), new LocalOutcome.Failed([Diagnostic.Error(DiagnosticCode.LocalFailed, $"local command `{local}` failed: exit code 1")])));

    public Scenario WhenRefused(string resource, bool environment = false) =>
        When(new EngineEvent.DeployFinished(DeployOf(resource), new ResourceName(resource), new DeployOutcome.Failed([Diagnostic.Error(DiagnosticCode.ApplyRejected, "the cluster refused it")], environment)));

    public Scenario WhenObserved(string resource, Health health) => When(new EngineEvent.ResourceObserved(new ResourceName(resource), health));

    public Scenario WhenReady(string resource) => WhenObserved(resource, new Health.Ready(1, 1));

    /// <summary>Time passes, and a resource is looked at again as was asked for.</summary>
    public Scenario WhenWoken(string resource, TimeSpan after)
    {
        Now += after;
        return When(new EngineEvent.Woke(new ResourceName(resource)));
    }

    /// <summary>An image was looked at, or the config read, that the test held back; the first of them by default.</summary>
    public Scenario WhenLookEnds(string? image = null)
    {
        EngineEffect held = _held.FirstOrDefault(e => image is null || e is EngineEffect.TakeFingerprint look && look.Image.Name.Value == image).ShouldNotBeNull();
        _held.Remove(held);
        return When(AnswerTo(held));
    }

    /// <summary>One of the looks or readings that the test held back, by its place among them.</summary>
    public Scenario WhenLookEnds(int index)
    {
        EngineEffect held = _held[index];
        _held.RemoveAt(index);
        return When(AnswerTo(held));
    }

    public Scenario When(EngineEvent happened)
    {
        _asked.Clear();
        _news.Clear();
        Step(happened);
        return this;
    }

    public Scenario ThenBuilds(params string[] images)
    {
        _asked.OfType<EngineEffect.StartBuild>().Select(b => b.Image.Name.Value).ShouldBe(images, ignoreOrder: true);
        return this;
    }

    public Scenario ThenBuildsInOrder(params string[] images)
    {
        _asked.OfType<EngineEffect.StartBuild>().Select(b => b.Image.Name.Value).ShouldBe(images);
        return this;
    }

    public Scenario ThenBuildsNothing() => ThenBuilds();

    public Scenario ThenLooksAt(params string[] images)
    {
        _asked.OfType<EngineEffect.TakeFingerprint>().Select(b => b.Image.Name.Value).ShouldBe(images, ignoreOrder: true);
        return this;
    }

    /// <summary>How an image that was just looked at is looked for in the registry.</summary>
    public Scenario ThenLooksFor(string image, RegistryLook look)
    {
        _asked.OfType<EngineEffect.TakeFingerprint>().Single(b => b.Image.Name.Value == image).Look.ShouldBe(look);
        return this;
    }

    /// <summary>Each build that was just started has this line in its Dockerfile.</summary>
    public Scenario EachPinnedTo(string line)
    {
        foreach (EngineEffect.StartBuild build in _asked.OfType<EngineEffect.StartBuild>())
            BuildOrders.Of(build.Image, build.Fingerprint, State.Options.Place, noCache: false).DockerfileText.Split('\n').ShouldContain(line);
        return this;
    }

    public Scenario Because(string image, params string[] reasons)
    {
        _asked.OfType<EngineEffect.StartBuild>().Single(b => b.Image.Name.Value == image).Reasons.Select(r => r.Text).ShouldBe(reasons);
        return this;
    }

    public Scenario AndHolds(string image, HoldReason why)
    {
        Holds.Of(State, new ImageName(image)).ShouldBe(why);
        return this;
    }

    public Scenario AndHoldsNothing()
    {
        State.Images.Keys.Where(i => Holds.Of(State, i) is not null).ShouldBeEmpty();
        return this;
    }

    public Scenario AndHoldsDeploy(string resource, HoldReason? why)
    {
        Holds.OfDeploy(State, State.Project.Resources.Single(r => r.Name.Value == resource)).ShouldBe(why);
        return this;
    }

    /// <summary>Builds of these images are ended, and nothing else is.</summary>
    public Scenario ThenCancels(params string[] images)
    {
        _news.OfType<News.BuildCancelled>().Select(n => n.Image.Value).ShouldBe(images, ignoreOrder: true);
        _asked.OfType<EngineEffect.Cancel>().Count().ShouldBe(images.Length);
        return this;
    }

    /// <summary>Looks at these images that went on are ended, and no other.</summary>
    public Scenario ThenEndsLooksAt(params string[] images)
    {
        _asked.OfType<EngineEffect.Cancel>().Select(c => _held.OfType<EngineEffect.TakeFingerprint>().FirstOrDefault(l => l.Work == c.Work)?.Image.Name.Value).OfType<string>().ShouldBe(images, ignoreOrder: true);
        return this;
    }

    public Scenario ThenDeploys(params string[] resources)
    {
        _asked.OfType<EngineEffect.StartDeploy>().Select(d => d.Resource.Name.Value).ShouldBe(resources, ignoreOrder: true);
        return this;
    }

    /// <summary>How often it was looked for what left the config.</summary>
    public Scenario ThenRemovesLeftovers(int times = 1)
    {
        _asked.OfType<EngineEffect.RemoveLeftovers>().Count().ShouldBe(times);
        return this;
    }

    public Scenario ThenDeploysNothing() => ThenDeploys();

    public Scenario ThenRuns(params string[] locals)
    {
        _asked.OfType<EngineEffect.StartLocal>().Select(d => d.Resource.Name.Value).ShouldBe(locals, ignoreOrder: true);
        return this;
    }

    public Scenario ThenRunsNothing() => ThenRuns();

    /// <summary>Why a local command was just started.</summary>
    public Scenario RunBecause(string local, params string[] reasons)
    {
        _asked.OfType<EngineEffect.StartLocal>().Single(r => r.Resource.Name.Value == local).Reasons.Select(r => r.Text).ShouldBe(reasons);
        return this;
    }

    public Scenario ThenPushes(params string[] images)
    {
        _asked.OfType<EngineEffect.StartPush>().Select(d => d.Image.Value).ShouldBe(images, ignoreOrder: true);
        return this;
    }

    public Scenario ThenPublishes(params string[] images)
    {
        _asked.OfType<EngineEffect.StartPublish>().Select(d => d.Image.Value).ShouldBe(images, ignoreOrder: true);
        return this;
    }

    public Scenario ThenPulls(params string[] images)
    {
        _asked.OfType<EngineEffect.StartPull>().Select(d => d.Image.Value).ShouldBe(images, ignoreOrder: true);
        return this;
    }

    public Scenario ThenAsksNothing()
    {
        _asked.ShouldBeEmpty();
        return this;
    }

    public Scenario ThenOutcomeIs(RunOutcome outcome)
    {
        RunOutcomes.Of(State).ShouldBe(outcome);
        return this;
    }

    public IEnumerable<string> Building => State.Images.Where(i => i.Value.Building is not null).Select(i => i.Key.Value);

    /// <summary>How many looks and readings the test holds back.</summary>
    public int Holding => _held.Count;

    public string TagOf(string image) => State.Images[new ImageName(image)].Result!.Tag.Value;

    private bool Idle => State.Images.Values.All(i => i.Building is null && i.Pushing == WorkId.None && i.Pulling == WorkId.None && i.Publishing == WorkId.None) && State.Resources.Values.All(r => r.Deploying == WorkId.None);

    private void FinishAll()
    {
        foreach ((ImageName name, _) in State.Images.Where(i => i.Value.Building is not null).ToArray())
            WhenBuilt(name.Value);
        foreach ((ImageName name, _) in State.Images.Where(i => i.Value.Pushing != WorkId.None).ToArray())
            WhenPushed(name.Value);
        foreach ((ImageName name, _) in State.Images.Where(i => i.Value.Publishing != WorkId.None).ToArray())
            WhenPublished(name.Value);
        foreach ((ImageName name, _) in State.Images.Where(i => i.Value.Pulling != WorkId.None).ToArray())
            WhenPulled(name.Value);
        foreach ((ResourceName name, _) in State.Resources.Where(r => r.Value.Deploying != WorkId.None && r.Value.Local is not null).ToArray())
            WhenRan(name.Value);
        foreach ((ResourceName name, _) in State.Resources.Where(r => r.Value.Deploying != WorkId.None).ToArray())
            WhenApplied(name.Value).WhenReady(name.Value);
    }

    private void Step(EngineEvent happened)
    {
        EngineState before = State;
        happened = happened with { At = Now };
        (State, ImmutableArray<EngineEffect> effects) = Transition.Step(before, happened);
        _asked.AddRange(effects);
        foreach (News news in _reader.Read(new EngineStep(before, happened, State, effects)))
        {
            _news.Add(news);
            _face(news, State);
        }
        // Nothing is left over in a cluster that is not there.
        foreach (EngineEffect.RemoveLeftovers removal in effects.OfType<EngineEffect.RemoveLeftovers>())
            Step(new EngineEvent.LeftoversRemoved(removal.Work, removal.Project.Resources, [], Environment: false));
        foreach (EngineEffect effect in effects.Where(e => e is EngineEffect.TakeFingerprint or EngineEffect.LoadProject or EngineEffect.LookAtLocal))
        {
            if (_holdsLooks)
                _held.Add(effect);
            else
                Step(AnswerTo(effect));
        }
    }

    private EngineEvent AnswerTo(EngineEffect effect) => effect switch
    {
        EngineEffect.TakeFingerprint look => FakeWork.Fingerprint(Files, look, key => _store.GetValueOrDefault(key) ?? (look.Look == RegistryLook.None ? null : _published.GetValueOrDefault(look.Image.Name.Value))),
        EngineEffect.LookAtLocal look => FakeWork.Look(Files, look),
        EngineEffect.LoadProject load => new EngineEvent.ProjectLoaded(load.Work, FakeWork.Load(Files)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private RunningBuild RunningBuildOf(string image) => State.Images[new ImageName(image)].Building.ShouldNotBeNull($"`{image}` is not being built");

    private WorkId DeployOf(string resource)
    {
        WorkId work = State.Resources[new ResourceName(resource)].Deploying;
        work.ShouldNotBe(WorkId.None, $"`{resource}` is not being deployed");
        return work;
    }
}
