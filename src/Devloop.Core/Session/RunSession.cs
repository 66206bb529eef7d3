using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session.Live;
using Devloop.Session.Logs;

namespace Devloop.Session;

/// <summary>What a run works on and how.</summary>
public sealed record RunPlan
{
    public required ResolvedProject Project { get; init; }

    public required RunOptions Options { get; init; }

    /// <summary>Reads the project again, as it is on disk now.</summary>
    public required Func<Parsed<ResolvedProject>> Load { get; init; }

    /// <summary>For objects that name none.</summary>
    public string DefaultNamespace { get; init; } = "default";

    /// <summary>Where builds take secrets from, so that their values can be kept out of what is shown.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Null: no files are watched.</summary>
    public IFileWatcher? Watcher { get; init; }

    /// <summary>How long a run of once may last; null is for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Sees the state after every step, in the loop's own time: it must not wait.</summary>
    public Action<EngineState>? Watch { get; init; }
}

/// <summary>One run, put together: the loop, its effects, the watches, the logs and the port-forwards. Everything it starts it ends.</summary>
public sealed class RunSession : IAsyncDisposable
{
    private readonly World _world;
    private readonly RunPlan _plan;
    private readonly Action<News, EngineState> _news;
    private readonly Action<SideNews> _side;
    private SecretMask _mask;
    private readonly NewsReader _reader = new();
    private Task _reopening = Task.CompletedTask;
    private readonly EngineLoop _loop;
    private readonly EffectRunner _effects;
    private readonly LastBuilds _last;
    private readonly LocalWork _locals;
    private readonly ResourceMonitor? _monitor;
    private readonly DeployRoom _room = new();
    private readonly RecordKeeper? _record;
    private readonly LogFollower? _logs;
    private readonly ForwardKeeper? _forwards;
    private readonly LiveWatch? _live;
    private readonly Channel<ResolvedProject> _projects = Channel.CreateUnbounded<ResolvedProject>();

    public RunSession(World world, RunPlan plan, Action<News, EngineState> news, Action<SideNews> side)
    {
        (_world, _plan, _news) = (world, plan, news);
        _mask = SecretMask.Of(plan.Project, world.Files, plan.Environment);
        _side = side = Masked(side);
        ResourceDeploy? deploy = null;
        RemovalWork? removal = null;
        LeftoverRemoval? leftovers = null;
        if (world.Cluster is { } cluster && plan.Options.Mode != RunMode.BuildOnly)
        {
            var known = new AppliedObjects(plan.DefaultNamespace);
            _logs = new LogFollower(cluster, world.Clock, side, name => _monitor?.Look(name));
            _forwards = plan.Options.Mode == RunMode.Up && world.Forwarder is { } forwarder ? new ForwardKeeper(forwarder, world.Clock, side) : null;
            _monitor = new ResourceMonitor(cluster, plan.DefaultNamespace, new MonitorHears
            {
                Health = (name, health) => Tell(new EngineEvent.ResourceObserved(name, health)),
                Seen = See,
                Warned = (name, warning) => side(new SideNews.Warned(name, warning)),
                Gone = known.Forget,
                TailOf = _logs.TailOf,
            });
            _record = new RecordKeeper(cluster, RecordPlace.Of(plan.Project.Config, plan.DefaultNamespace), plan.Project.Config.Name, plan.DefaultNamespace, side);
            _record.Expect(plan.Project.Resources);
            var images = new BaseKnowledge(world, plan.Options.Place, plan.Options.Memory);
            _live = world.Containers is not null ? new LiveWatch(images, plan.Options.Delivery, world.Touched, (name, containers) => Tell(new EngineEvent.ContainersSeen(name, containers))) : null;
            var departures = new Departures(cluster, plan.DefaultNamespace, world.Clock, side);
            deploy = new ResourceDeploy(cluster, _monitor, _record, departures, _room, known, images, plan.Options.Delivery, world.Clock, side);
            removal = new RemovalWork(cluster, _record, departures, known, plan.DefaultNamespace, side);
            leftovers = new LeftoverRemoval(cluster, _record, departures, _room, known, plan.DefaultNamespace, side);
        }
        _last = new LastBuilds(world.History, plan.Project.Config.Root);
        _locals = new LocalWork(world, plan.Project.Config.Root, (name, health) => Tell(new EngineEvent.ResourceObserved(name, health)), side);
        _effects = new EffectRunner(new ImageWork(world, plan.Project.Config.Root, plan.Options, _last, side), new EngineReturn(world), deploy, removal, leftovers, world is { Containers: { } containers, Cluster: { } changed } ? new LiveWork(containers, changed, world.Touched, side) : null, _locals, plan.Load, world.Clock);
        _loop = new EngineLoop(EngineState.Initial(plan.Project, plan.Options), new MaskedEffects(_effects, this), world.Clock, OnStep);
    }

    public EngineState State => _loop.State;

    /// <summary>Says that the user wants to stop; from any thread.</summary>
    public void Stop() => Tell(new EngineEvent.StopRequested());

    /// <summary>Says what happened, such as a wish of the user; from any thread. After the end nothing is heard.</summary>
    public void Tell(EngineEvent happened) => _loop.Tell(_mask.Apply(happened));

    /// <summary>Runs until it is over by itself, stopped, or failed by a fault of ours, which is thrown.</summary>
    public async Task<EngineState> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watching = Task.CompletedTask, timing = Task.CompletedTask;
        try
        {
            _logs?.Track(_plan.Project.Resources);
            _live?.Track(_plan.Project);
            _monitor?.Track(_plan.Project.Resources);
            if (_forwards is not null)
                await _forwards.OpenAsync(_plan.Project.Resources).ConfigureAwait(false);
            if (_plan.Watcher is { } watcher)
                watching = new ProjectWatch(watcher, _plan.Project.Config, Tell, _side).RunAsync(_plan.Project, _projects.Reader, stop.Token);
            if (_plan.Timeout is { } timeout)
                timing = DeadlineAsync(timeout, stop.Token);
            Func<EngineState, bool> until = _plan.Options.Mode == RunMode.Up ? _ => false : s => RunOutcomes.Of(s) != RunOutcome.Running;
            Task<EngineState> running = _loop.RunAsync(until, stop.Token);
            Task<Exception> watchFault = FaultOf(watching);
            Task first = await Task.WhenAny(running, _effects.Fault, watchFault).ConfigureAwait(false);
            if (first is Task<Exception> fault)
                ExceptionDispatchInfo.Throw(await fault.ConfigureAwait(false));
            EngineState state = await running.ConfigureAwait(false);
            if (_logs is not null && !state.Stopping)
                await _logs.DrainAsync(stop.Token).ConfigureAwait(false);
            return state;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await timing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _reopening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Completes when a task fails, and only then: work in the background must not die unseen.</summary>
    private static Task<Exception> FaultOf(Task task)
    {
        var fault = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = task.ContinueWith(t => fault.TrySetResult(t.Exception!.GetBaseException()), CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return fault.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _effects.DisposeAsync().ConfigureAwait(false);
        await _locals.DisposeAsync().ConfigureAwait(false);
        await _last.SaveAsync().ConfigureAwait(false);
        if (_forwards is not null)
            await _forwards.DisposeAsync().ConfigureAwait(false);
        if (_monitor is not null)
            await _monitor.DisposeAsync().ConfigureAwait(false);
        _record?.Dispose();
        _room.Dispose();
        if (_logs is not null)
            await _logs.DisposeAsync().ConfigureAwait(false);
    }

    private void OnStep(EngineStep step)
    {
        // What the config says counts before anybody hears that it was read.
        bool another = step.Happened is EngineEvent.ProjectLoaded && !ReferenceEquals(step.Before.Project, step.After.Project);
        if (another)
            TakeUp(step.After.Project);
        foreach (News news in _reader.Read(step))
            _news(news, step.After);
        _plan.Watch?.Invoke(step.After);
        if (step.Happened is EngineEvent.DeployFinished { Outcome: DeployOutcome.Applied } deployed)
            _monitor?.Refresh(deployed.Resource);
        if (step.Happened is EngineEvent.LocalRan { Outcome: LocalOutcome.Ran } ran)
            _locals.Confirm(ran.Resource);
        if (another && FixedSections.Warning(_plan.Project.Config, step.Before.Project.Config, step.After.Project.Config) is { } warning)
            _side(new SideNews.Notice(warning));
    }

    private void TakeUp(ResolvedProject after)
    {
        _mask = SecretMask.Of(after, _world.Files, _plan.Environment);
        _logs?.Track(after.Resources);
        _live?.Track(after);
        _monitor?.Track(after.Resources);
        _record?.Expect(after.Resources);
        if (_forwards is { } forwards)
            _reopening = ReopenAsync(_reopening, forwards, after);
        _projects.Writer.TryWrite(after);
    }

    /// <summary>After the reopening before it: the last project wins.</summary>
    private static async Task ReopenAsync(Task before, ForwardKeeper forwards, ResolvedProject project)
    {
        await before.ConfigureAwait(false);
        await forwards.OpenAsync(project.Resources).ConfigureAwait(false);
    }

    /// <summary>The mask of the project as it is when something is told.</summary>
    private Action<SideNews> Masked(Action<SideNews> side) => news => side(_mask.Apply(news));

    /// <summary>Answers go through the mask as everything else does.</summary>
    private sealed class MaskedEffects(IEffectRunner effects, RunSession session) : IEffectRunner
    {
        public void Start(EngineEffect effect, Action<EngineEvent> answer) => effects.Start(effect, happened => answer(session._mask.Apply(happened)));
    }

    private void See(ResourceView view)
    {
        _logs?.See(view);
        _live?.See(view);
        _forwards?.See(view);
    }

    private async Task DeadlineAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.Delay(timeout, _world.Clock, cancellationToken).ConfigureAwait(false);
        Tell(new EngineEvent.DeadlinePassed());
    }
}
