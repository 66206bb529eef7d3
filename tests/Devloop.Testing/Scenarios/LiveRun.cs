using System.Threading.Channels;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Session;
using Devloop.Testing.Clusters;

namespace Devloop.Testing.Scenarios;

/// <summary>The world of a run in memory; several runs may follow one another in it, as on one machine.</summary>
public sealed class LiveWorld
{
    /// <param name="registry">Shared with other worlds, as machines share one; null is one of its own.</param>
    /// <param name="clock">Shared with other worlds too; null is one of its own.</param>
    public LiveWorld(Shop shop, FakeRegistry? registry = null, FakeClock? clock = null)
        : this(shop.Files(), registry, clock)
    {
    }

    public LiveWorld(FakeFileTree files, FakeRegistry? registry = null, FakeClock? clock = null)
    {
        Files = files;
        Clock = clock ?? new FakeClock();
        Registry = registry ?? new FakeRegistry();
        Store = new FakeImageStore { Registry = Registry };
        Nodes = new FakeNodeImages(Store);
        Builder = new FakeImageBuilder(Store, Files.ContentAt);
        Contexts = new FakeContextReader(Files);
    }

    public FakeFileTree Files { get; }

    public FakeRegistry Registry { get; }

    public FakeImageStore Store { get; }

    public FakeNodeImages Nodes { get; }

    public FakeImageBuilder Builder { get; }

    public FakeContextReader Contexts { get; }

    public FakeKeyStore Keys { get; } = new();

    public FakeBuildHistory History { get; } = new();

    public FakeCluster Cluster { get; init; } = new();

    /// <summary>Of an `up`: what it puts into pods for live updates; null equips none.</summary>
    public LiveSetup? Live { get; set; }

    public FakeFileWatcher Watcher { get; } = new();

    public FakePortForwarder Forwarder { get; } = new();

    public FakeProcessRunner Processes { get; } = new();

    public FakeNetworkProbe Probe { get; } = new();

    public FakeClock Clock { get; }

    internal World Ports => new()
    {
        Files = Files,
        Contexts = Contexts,
        Builder = Builder,
        Store = Store,
        Keys = Keys,
        History = History,
        Registry = Registry,
        Nodes = Nodes,
        Cluster = Cluster,
        Forwarder = Forwarder,
        Processes = Processes,
        Probe = Probe,
        Clock = Clock,
    };

    /// <summary>What a run would do now.</summary>
    public async Task<Plan> PlanAsync() =>
        (await new Planner(Ports, Live is null ? FakeWork.Load(Files).Value! : FakeWork.Load(Files).Value!.EquippedForLive(Live), new RunOptions { Mode = RunMode.Once }, Cluster, "").PlanAsync(CancellationToken.None)).Value!;

    public LiveRun Up(Delivery? delivery = null, BuildMemory? memory = null) => new(this, new RunOptions { Mode = RunMode.Up, Delivery = delivery, Memory = memory }, watches: true, timeout: null);

    public LiveRun Ci(TimeSpan? timeout = null, Delivery? delivery = null, BuildMemory? memory = null, bool noCache = false, ImagePlace? place = null, string[]? names = null, string defaultNamespace = "default") =>
        new(this, new RunOptions { Mode = RunMode.Once, Delivery = delivery, Memory = memory, NoCache = noCache, Place = place ?? ImagePlace.OfEngine }, watches: false, timeout, names, defaultNamespace);

    public LiveRun Build(BuildMemory? memory = null) => new(this, new RunOptions { Mode = RunMode.BuildOnly, Memory = memory }, watches: false, timeout: null);
}

/// <summary>A whole run over fakes: real tasks, real order of events, no disk, no network and no time that passes by itself.</summary>
public sealed class LiveRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LiveWorld _world;
    private readonly RunSession _session;
    private readonly Broadcast<EngineState> _states;
    private readonly Channel<object> _told = Channel.CreateUnbounded<object>();
    private bool _disposed;

    internal LiveRun(LiveWorld world, RunOptions options, bool watches, TimeSpan? timeout, string[]? names = null, string defaultNamespace = "default")
    {
        _world = world;
        Parsed<ResolvedProject> project = Selection.OfResources(FakeWork.Load(world.Files).Value!, [.. names ?? []]);
        if (options.Mode == RunMode.Up)
            project = Equipped(project);
        _states = new Broadcast<EngineState>(EngineState.Initial(project.Value!, options));
        var plan = new RunPlan
        {
            Project = project.Value!,
            Options = options,
            Load = () => options.Mode == RunMode.Up ? Equipped(FakeWork.Load(world.Files)) : FakeWork.Load(world.Files),
            DefaultNamespace = defaultNamespace,
            Watcher = watches ? world.Watcher : null,
            Timeout = timeout,
            Watch = _states.Publish,
        };
        _session = new RunSession(world.Ports, plan, (news, _) => _told.Writer.TryWrite(news), news => _told.Writer.TryWrite(news));
        Ended = _session.RunAsync(CancellationToken.None);
    }

    private Parsed<ResolvedProject> Equipped(Parsed<ResolvedProject> project) =>
        _world.Live is { } live && project.Value is { } value ? project with { Value = value.EquippedForLive(live) } : project;

    /// <summary>The state when the run is over.</summary>
    public Task<EngineState> Ended { get; }

    /// <summary>What a run of once comes to.</summary>
    public async Task<RunOutcome> OutcomeAsync() => RunOutcomes.Of(await Ended.WaitAsync(Patience));

    /// <summary>The same, while time passes whenever a publication waits for it.</summary>
    public async Task<RunOutcome> PublishedOutcomeAsync()
    {
        TimeSpan settling = Publication.LeastWait;
        while (await Task.WhenAny(Ended, _world.Clock.UntilTimersAsync(1, settling)).WaitAsync(Patience) != Ended)
            _world.Clock.Advance(settling);
        return await OutcomeAsync();
    }

    /// <summary>Waits until the engine's state is as wanted.</summary>
    public async Task<EngineState> StateAsync(Func<EngineState, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (EngineState state in _states.WatchAsync(limit.Token))
        {
            if (wanted(state))
                return state;
        }
        throw new InvalidOperationException("the run is over");
    }

    /// <summary>Waits for news of a kind; what was told before it is passed over.</summary>
    public async Task<T> HearsAsync<T>(Func<T, bool>? which = null) where T : class
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (object told in _told.Reader.ReadAllAsync(limit.Token))
        {
            if (told is T wanted && (which is null || which(wanted)))
                return wanted;
        }
        throw new InvalidOperationException("the run is over");
    }

    /// <summary>What was told since the last that was heard.</summary>
    public IReadOnlyList<object> ToldSoFar()
    {
        var told = new List<object>();
        while (_told.Reader.TryRead(out object? next))
            told.Add(next);
        return told;
    }

    /// <summary>Saves a file as an editor does.</summary>
    public void Save(string path, string text)
    {
        _world.Files.Write(path, text);
        _world.Watcher.Change($"{_world.Files.Root}/{path}");
    }

    /// <summary>What the user asks of the run from outside.</summary>
    public void Tell(EngineEvent happened) => _session.Tell(happened);

    public void Stop() => _session.Stop();

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _session.Stop();
        try
        {
            await Ended.WaitAsync(Patience);
        }
        finally
        {
            await _session.DisposeAsync();
        }
    }
}
