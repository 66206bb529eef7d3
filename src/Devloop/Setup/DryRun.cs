using System.Collections.Immutable;
using Devloop.Cli.Commands;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Cli.Setup;

/// <summary>The world for commands that look and change nothing.</summary>
internal sealed class DryRun : IAsyncDisposable
{
    private readonly Setup.Engine _engine;
    private readonly UserMemory _memory = new(_ => { });

    private DryRun(Setup.Engine engine, ProjectSource source, EngineProbe probe)
    {
        _engine = engine;
        Reached = probe as EngineProbe.Reached;
        Why = (probe as EngineProbe.Unreachable)?.Why;
        World = new World
        {
            Files = source.Files,
            Contexts = _memory.Contexts,
            Builder = engine.Builder,
            Store = Why is { } why ? new NoEngine(why) : engine.Store,
            Keys = _memory.Keys,
            History = engine.History,
            Registry = engine.Registry,
            Nodes = Why is null ? engine.Nodes : null,
            Clock = TimeProvider.System,
        };
    }

    public World World { get; }

    public IEngineCleaning Cleaning => _engine.Cleaning;

    public IRegistryCleaning Registries => _engine.RegistryCleaning;

    /// <summary>Null when the engine does not answer.</summary>
    public EngineProbe.Reached? Reached { get; }

    /// <summary>Why the engine does not answer; null when it does.</summary>
    public Diagnostic? Why { get; }

    public static async Task<DryRun> StartAsync(Settings settings, ProjectSource source, ResolvedProject project, CancellationToken cancellationToken)
    {
        var engine = new Setup.Engine(settings, project.Config);
        return new DryRun(engine, source, await engine.Store.ProbeAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What a run would do now. A cluster that cannot be asked is told as the reason of what depends on it.</summary>
    public async Task<Parsed<Plan>> PlanAsync(Settings settings, ResolvedProject project, CancellationToken cancellationToken)
    {
        Parsed<ClusterSetup> connected = project.Resources.All(r => r.Local is not null)
            ? new Parsed<ClusterSetup>(null, [])
            : await ClusterSetup.TryConnectAsync(settings, project.Config, cancellationToken).ConfigureAwait(false);
        using ClusterSetup? cluster = connected.Value;
        // A plan says what a run would do; where the run would find no way, it is the run that says so.
        Delivery? delivery = cluster is null
            ? Delivery.Of(project.Config.Registry)
            : (await DeliveryChoice.OfAsync(project, Reached!, World.Store, World.Nodes, cluster.Probe, cluster.Cluster, cancellationToken).ConfigureAwait(false)).Value?.Delivery;
        // Who has live updates works with `up`, so it is `up` that the plan is about.
        if (cluster is not null)
            project = project.EquippedForLive(LivePrograms.Setup(delivery));
        var options = new RunOptions { Mode = RunMode.Once, Place = ImagePlace.Of(project.Config), Delivery = delivery, Memory = BuildMemory.Of(project.Config.Registry, whole: true) };
        var planner = new Planner(World, project, options, cluster?.Cluster, connected.Diagnostics.FirstOrDefault()?.Message ?? "") { DefaultNamespace = cluster?.DefaultNamespace ?? "default" };
        return await planner.PlanAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The digests that the config leads to now, or led to when it was last built; what is not built yet has none.</summary>
    public async Task<Parsed<IReadOnlyCollection<ImageDigest>>> CurrentAsync(ResolvedProject project, CancellationToken cancellationToken)
    {
        var options = new RunOptions { Mode = RunMode.Once, Place = ImagePlace.Of(project.Config), Memory = BuildMemory.Of(project.Config.Registry, whole: true) };
        var looked = await new Planner(World, project, options, cluster: null, "").LookAsync(cancellationToken).ConfigureAwait(false);
        if (!looked.TryGet(out ImmutableSortedDictionary<ImageName, Planner.Found>? images))
            return new(null, looked.Diagnostics);
        var last = new LastBuilds(World.History, project.Config.Root);
        ImageDigest[] digests = [.. images.Values.Select(f => f.Digest).OfType<ImageDigest>(), .. images.Keys.Select(i => last.Last(i)?.Digest).OfType<ImageDigest>()];
        return new(digests, []);
    }

    /// <summary>The project with what the bases of its images brought when they were last built: their triggers read files too.</summary>
    public async Task<ResolvedProject> KnowingBasesAsync(ResolvedProject project, CancellationToken cancellationToken)
    {
        var memory = new LastBuilds(World.History, project.Config.Root);
        var bases = new BaseKnowledge(World, ImagePlace.Of(project.Config), memory: null);
        var known = ImmutableArray.CreateBuilder<ImageDefinition>();
        foreach (ImageDefinition image in project.Images)
        {
            var digests = image.Bases.Select(b => (Base: b, Last: memory.Last(b))).Where(b => b.Last is not null).ToDictionary(b => b.Base, b => b.Last!.Digest);
            ImmutableDictionary<string, BaseImage> described = await bases.DescribeAsync(image, digests, ImmutableDictionary<string, ExternalBase>.Empty, cancellationToken).ConfigureAwait(false);
            if (image.Knowing(described).Value is { } more)
                known.Add(more);
        }
        return project.Knowing(known.ToImmutable());
    }

    public async ValueTask DisposeAsync()
    {
        await _memory.DisposeAsync().ConfigureAwait(false);
        await _engine.DisposeAsync().ConfigureAwait(false);
    }
}
