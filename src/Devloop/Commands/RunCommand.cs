using System.Collections.Immutable;
using Devloop.Adapters.Files;
using Devloop.Adapters.Kubernetes;
using Devloop.Adapters.Kubernetes.PortForwarding;
using Devloop.Adapters.Processes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Cli.Terminal.Live;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Cli.Commands;

/// <summary>What `up`, `ci` and `build` share: from the options to the end of the run.</summary>
internal sealed record RunRequest
{
    public required Settings Settings { get; init; }

    public required RunMode Mode { get; init; }

    /// <summary>Resources to run, or images to build; empty is all.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    public bool NoCache { get; init; }

    /// <summary>Push every image, bases too; a config without a registry is refused.</summary>
    public bool Push { get; init; }

    /// <summary>Look in the registry for what others built.</summary>
    public bool Shares { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>Where the dashboard is to listen, 0 for any free port; null is no dashboard.</summary>
    public int? DashboardPort { get; init; }

    /// <summary>How others find and control the run; null when they do not.</summary>
    public UpControl? Control { get; init; }

    /// <summary>Listens beside the face; null when nobody does.</summary>
    public Func<IFace, IFace>? Beside { get; init; }

    /// <summary>What is left to do with the images of a run that succeeded; gives the problem when it cannot be done.</summary>
    public Func<EngineState, IRegistry, CancellationToken, Task<Diagnostic?>>? Finish { get; init; }

    /// <summary>Shows the run; null is the usual face of the settings.</summary>
    public IFace? Face { get; init; }
}

internal static class RunCommand
{
    /// <summary>Runs; the state is null when the run could not begin, and its problems were shown.</summary>
    public static async Task<(int ExitCode, EngineState? State)> RunAsync(RunRequest request)
    {
        Settings settings = request.Settings;
        long began = TimeProvider.System.GetTimestamp();
        if (settings.Docker)
        {
            Report.Show(settings, [Diagnostic.Error(DiagnosticCode.NotSupported, "`--target docker` is not supported by this version") with { Help = "`--target kubernetes` runs resources in a cluster" }]);
            return (ExitCode.Usage, null);
        }
        using var interrupt = new Interrupt(settings.Consoles);
        try
        {
            return await RunAsync(request, interrupt, began).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            // Stopped before the run began: there is nothing to say of it.
            return (ExitCode.Interrupted, null);
        }
    }

    private static async Task<(int ExitCode, EngineState? State)> RunAsync(RunRequest request, Interrupt interrupt, long began)
    {
        Settings settings = request.Settings;
        var source = new ProjectSource(settings);
        Parsed<ResolvedProject> loaded = source.Load();
        if (!loaded.TryGet(out ResolvedProject? whole))
        {
            Report.Show(settings, loaded.Diagnostics);
            return (ExitCode.Usage, null);
        }
        Parsed<ResolvedProject> chosen = Choose(whole, request);
        if (!chosen.TryGet(out ResolvedProject? project))
        {
            Report.Show(settings, chosen.Diagnostics);
            return (ExitCode.Usage, null);
        }

        await using var engine = new Setup.Engine(settings, project.Config);
        EngineProbe probe = await engine.Store.ProbeAsync(interrupt.Token).ConfigureAwait(false);
        // Local commands alone need no engine.
        bool needsEngine = !project.Images.IsEmpty || project.Resources.Any(r => r.Local is null);
        if (probe is EngineProbe.Unreachable unreachable && needsEngine)
        {
            Report.Show(settings, [unreachable.Why]);
            return (ExitCode.Environment, null);
        }
        var reached = probe as EngineProbe.Reached;
        ClusterSetup? cluster = null;
        if (request.Mode != RunMode.BuildOnly && project.Resources.Any(r => r.Local is null))
        {
            cluster = await ClusterSetup.ConnectAsync(settings, project.Config, interrupt.Token).ConfigureAwait(false);
            if (cluster is null)
                return (ExitCode.Environment, null);
        }
        using (cluster)
        {
            if (request.Push && project.Config.Registry is null)
            {
                Report.Show(settings, [NowhereToPush]);
                return (ExitCode.Usage, null);
            }
            Parsed<DeliveryChoice> way = cluster is null
                ? new Parsed<DeliveryChoice>(new DeliveryChoice(Delivery: null), [])
                : await DeliveryChoice.OfAsync(project, reached!, engine.Store, engine.Nodes, cluster.Probe, cluster.Cluster, interrupt.Token).ConfigureAwait(false);
            if (!way.TryGet(out DeliveryChoice? delivery))
            {
                Report.Show(settings, way.Diagnostics);
                return (ExitCode.Environment, null);
            }
            Func<ResolvedProject, ResolvedProject> equip = request.Mode == RunMode.Up && cluster is not null && LivePrograms.Setup(delivery.Delivery) is var setup ? p => p.EquippedForLive(setup) : p => p;
            project = equip(project);
            BuildMemory? memory = request.Shares || request.Push ? BuildMemory.Of(project.Config.Registry, whole: request.Push || request.Mode == RunMode.Once) : null;

            await using UpControl? control = request.Control;
            if (control?.Other(settings, cluster) is { } other)
            {
                Report.Show(settings, [other]);
                return (ExitCode.Environment, null);
            }

            using var log = RunLog.Open(request.Mode);
            using LiveFace? live = request.Face is null && settings.Consoles.Screen is { } screen ? LiveOf(settings, screen, project) : null;
            using TerminalEvents? terminal = live is null ? null : new TerminalEvents(settings.Consoles.Screen!, live);
            IFace face = log.Beside(request.Face ?? live ?? FaceOf(settings, project));
            face = control?.Beside(face) ?? face;
            face = request.Beside?.Invoke(face) ?? face;
            face.Loaded(new RunHeader(project.Config.ConfigFile, project.Images.Length, project.Resources.Length,
                cluster is not null ? $"cluster {cluster.Probe.Context}" : request.Mode != RunMode.BuildOnly && !project.Resources.IsEmpty ? "this machine" : null, [.. loaded.Diagnostics, .. way.Diagnostics]));
            if (delivery.Remark is { } remark)
                face.Tell(new SideNews.Remark(remark));

            await using var ofUser = new UserMemory(text => face.Tell(new SideNews.Remark(text)));
            await using var processes = new ProcessRunner(TimeProvider.System);
            using var network = new NetworkProbe();
            var world = new World
            {
                Files = source.Files,
                Contexts = ofUser.Contexts,
                Builder = engine.Builder,
                Store = engine.Store,
                Keys = ofUser.Keys,
                History = engine.History,
                Registry = engine.Registry,
                Nodes = engine.Nodes,
                Cluster = cluster?.Cluster,
                Forwarder = cluster is null ? null : new PortForwarder(cluster.Cluster),
                Processes = processes,
                Probe = network,
                Clock = TimeProvider.System,
            };
            var options = new RunOptions
            {
                Mode = request.Mode,
                MaxParallelBuilds = project.Config.Settings.MaxParallelBuilds is > 0 and var limit ? limit : Math.Max(2, Environment.ProcessorCount),
                NoCache = request.NoCache,
                Place = ImagePlace.Of(project.Config),
                Delivery = delivery.Delivery,
                Memory = memory,
                Settle = project.Config.Settings.Settle,
                Steady = Steady,
                StartsAll = !request.Names.IsEmpty,
            };
            if (control is not null && await control.OpenAsync(settings, request.DashboardPort, cluster, EngineState.Initial(project, options), interrupt.Token).ConfigureAwait(false) is { } sooner)
            {
                Report.Show(settings, [sooner]);
                return (ExitCode.Environment, null);
            }
            var plan = new RunPlan
            {
                Project = project,
                Options = options,
                Load = () => Reload(source, request, equip),
                Environment = source.Environment,
                DefaultNamespace = cluster?.DefaultNamespace ?? "default",
                Watcher = request.Mode == RunMode.Up ? new FileWatcher() : null,
                // What reading and connecting took counts too.
                Timeout = request.Timeout is { } timeout ? Later(timeout - TimeProvider.System.GetElapsedTime(began)) : null,
                Watch = control is null ? null : control.Show,
            };
            await using var session = new RunSession(world, plan, face.Tell, face.Tell);
            interrupt.Then(session.Stop);
            control?.Attach(session);
            EngineState state = await session.RunAsync(interrupt.Hard).ConfigureAwait(false);
            RunOutcome outcome = RunOutcomes.Of(state);
            face.Ended(outcome, state, TimeProvider.System.GetElapsedTime(began));
            if (outcome == RunOutcome.Succeeded && request.Finish is { } finish && await finish(state, engine.Registry, interrupt.Token).ConfigureAwait(false) is { } unfinished)
            {
                Report.Show(settings, [unfinished]);
                return (ExitCode.Environment, state);
            }
            return (ExitCode.Of(outcome), state);
        }
    }

    /// <summary>Programs that miss a module, a setting or a port end within about a second, and a kubelet may take another one to notice.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(3);

    private static TimeSpan Later(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(1);

    private static Parsed<ResolvedProject> Reload(ProjectSource source, RunRequest request, Func<ResolvedProject, ResolvedProject> equip)
    {
        Parsed<ResolvedProject> loaded = source.Load();
        if (!loaded.TryGet(out ResolvedProject? whole))
            return loaded;
        Parsed<ResolvedProject> chosen = Choose(whole, request);
        return new Parsed<ResolvedProject>(chosen.Value is { } project ? equip(project) : null, [.. loaded.Diagnostics, .. chosen.Diagnostics]);
    }

    private static Parsed<ResolvedProject> Choose(ResolvedProject project, RunRequest request) => request.Mode == RunMode.BuildOnly
        ? Selection.OfImages(project, request.Names)
        : request is { Mode: RunMode.Once, Names.IsEmpty: true } ? new Parsed<ResolvedProject>(StartingPart.Of(project), []) : Selection.OfResources(project, request.Names);

    private static IFace FaceOf(Settings settings, ResolvedProject project) => settings.Json
        ? new JsonFace(settings.Consoles, TimeProvider.System)
        : LinesOf(settings, project, namesLongSteps: true);

    private static LiveFace LiveOf(Settings settings, LiveScreen screen, ResolvedProject project) =>
        new(LinesOf(settings, project, namesLongSteps: false), screen, new LivePicture(Glyphs.OfEnvironment(Environment.GetEnvironmentVariable)), TimeProvider.System);

    private static PlainFace LinesOf(Settings settings, ResolvedProject project, bool namesLongSteps) =>
        new(settings.Consoles, settings.Verbose, name => Urls(project, name), namesLongSteps);

    private static ImmutableArray<string> Urls(ResolvedProject project, ResourceName name) =>
        [.. project.Resources.Where(r => r.Name == name).SelectMany(r => r.Settings.PortForwards).Select(f => $"http://localhost:{f.LocalPort}")];

    private static readonly Diagnostic NowhereToPush =
        Diagnostic.Error(DiagnosticCode.MissingKey, "`--push` has nowhere to push to") with { Help = "`registry: {host: \"HOST:PORT\"}` in the config names the registry" };
}
