using System.Threading.Channels;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;
using Devloop.Session;
using Devloop.Testing.Clusters;

namespace Devloop.Testing.Scenarios;

/// <summary>The world of a run in memory; several runs may follow one another in it, as on one machine.</summary>
public sealed class LiveWorld
{
    public LiveWorld(Shop shop)
    {
        Files = shop.Files();
        Builder = new FakeImageBuilder(Store, Files.ContentAt);
    }

    public FakeFileTree Files { get; }

    public FakeImageStore Store { get; } = new();

    public FakeImageBuilder Builder { get; }

    public FakeKeyStore Keys { get; } = new();

    public FakeCluster Cluster { get; } = new();

    public FakeFileWatcher Watcher { get; } = new();

    public FakePortForwarder Forwarder { get; } = new();

    public FakeClock Clock { get; } = new();

    public LiveRun Up() => new(this, new RunOptions { Mode = RunMode.Up }, watches: true, timeout: null);

    public LiveRun Ci(TimeSpan? timeout = null, Delivery? delivery = null) => new(this, new RunOptions { Mode = RunMode.Once, Delivery = delivery }, watches: false, timeout);
}

/// <summary>A whole run over fakes: real tasks, real order of events, no disk, no network and no time that passes by itself.</summary>
public sealed class LiveRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LiveWorld _world;
    private readonly RunSession _session;
    private readonly Channel<object> _told = Channel.CreateUnbounded<object>();
    private bool _disposed;

    internal LiveRun(LiveWorld world, RunOptions options, bool watches, TimeSpan? timeout)
    {
        _world = world;
        var ports = new World
        {
            Files = world.Files,
            Contexts = new FakeContextReader(world.Files),
            Builder = world.Builder,
            Store = world.Store,
            Keys = world.Keys,
            Cluster = world.Cluster,
            Forwarder = world.Forwarder,
            Clock = world.Clock,
        };
        Parsed<ResolvedProject> project = FakeWork.Load(world.Files);
        var plan = new RunPlan { Project = project.Value!, Options = options, Load = () => FakeWork.Load(world.Files), Watcher = watches ? world.Watcher : null, Timeout = timeout };
        _session = new RunSession(ports, plan, (news, _) => _told.Writer.TryWrite(news), news => _told.Writer.TryWrite(news));
        Ended = _session.RunAsync(CancellationToken.None);
    }

    /// <summary>The state when the run is over.</summary>
    public Task<EngineState> Ended { get; }

    /// <summary>What a run of once comes to.</summary>
    public async Task<RunOutcome> OutcomeAsync() => RunOutcomes.Of(await Ended.WaitAsync(Patience));

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

    /// <summary>Saves a file as an editor does.</summary>
    public void Save(string path, string text)
    {
        _world.Files.Write(path, text);
        _world.Watcher.Change($"{_world.Files.Root}/{path}");
    }

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
