using Devloop.Adapters.BuildKit.Failures;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Progress;
using Devloop.Adapters.BuildKit.Session;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.BuildKit;

/// <summary>
/// Builds with a BuildKit, inside a Docker Engine or on its own, by its gRPC calls. One connection and one session server are made at the
/// first build and serve all builds of the run, also several at once.
/// </summary>
public sealed class BuildKitImageBuilder(IDialer server, GrpcEntry entry, ImageExport export, RegistryCredentials credentials) : IImageBuilder, IAsyncDisposable
{
    /// <summary>Who a BuildKit of its own says it is, with a version that is no engine's: no node runs on it.</summary>
    private const string NoEngine = "buildkit ";

    /// <summary>How long the status of a solve may go on after it; it ends by itself unless the solve never made a job.</summary>
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(1);

    /// <summary>How long a solve may take to fail once its session is gone; its own error says more.</summary>
    private static readonly TimeSpan LostPatience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _opening = new(1, 1);
    private BuildKitConnection? _connection;
    private BuilderAbilities? _abilities;

    public async Task<BuilderAbilities> AbilitiesAsync(CancellationToken cancellationToken)
    {
        try
        {
            BuildKitConnection connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            return _abilities ??= await BuilderProbe.AskAsync(connection, server, entry, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (EngineUnreachable.In(e) is { } unreachable)
        {
            throw unreachable;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or GrpcException)
        {
            throw server.Unreachable("it did not say what it can do", server.Server.LostHelp, e);
        }
    }

    /// <summary>The BuildKit inside a Docker Engine, which keeps the images.</summary>
    public BuildKitImageBuilder(IDialer engine, RegistryCredentials credentials) : this(engine, GrpcEntry.EngineUpgrade, new EngineExport(), credentials)
    {
    }

    /// <summary>Whether the BuildKit answers, and who it is.</summary>
    public async Task<EngineProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            BuildKitConnection connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            ListWorkersResponse workers = await connection.ListWorkersAsync(cancellationToken).ConfigureAwait(false);
            return workers.Record is [var first, ..]
                ? new EngineProbe.Reached(first.Id, NoEngine + first.BuildkitVersion?.Version, first.Platforms is [var platform, ..] ? $"{platform.Os}/{platform.Architecture}" : "linux/amd64")
                : new EngineProbe.Unreachable(server.Unreachable("it has no worker", "the log of buildkitd says why none started").Diagnostic);
        }
        catch (Exception e) when (EngineUnreachable.In(e) is { } unreachable)
        {
            return new EngineProbe.Unreachable(unreachable.Diagnostic);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or GrpcException && !cancellationToken.IsCancellationRequested)
        {
            return new EngineProbe.Unreachable(server.Unreachable("what answers is not BuildKit", inner: e).Diagnostic);
        }
    }

    public async Task<BuildOutcome> BuildAsync(BuildOrder order, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        Parsed<SecretService> secrets = SecretService.Read(order);
        Parsed<SshService> ssh = SshService.Of(order);
        if (!secrets.TryGet(out SecretService? secretService) || !ssh.TryGet(out SshService? sshService))
            return new BuildOutcome.Failed([.. secrets.Diagnostics, .. ssh.Diagnostics]);
        var watch = new BuildWatch(progress, secretService.Redaction);
        var files = new FileSyncService(new Dictionary<string, SourceTree>(StringComparer.Ordinal)
        {
            [SolveRequests.ContextSource] = SourceTree.Of(order.Context),
            [SolveRequests.DockerfileSource] = SourceTree.InMemory(
                (SolveRequests.DockerfileName, order.DockerfileText), (SolveRequests.IgnoreFileName, SolveRequests.EmptyIgnoreFile)),
        }, SolveRequests.ContextSource, progress);
        var services = new GrpcServices();
        files.AddTo(services);
        secretService.AddTo(services);
        sshService.AddTo(services);
        try
        {
            BuildKitConnection connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            SolveResponse response = await SolveAsync(connection, order, services, watch, cancellationToken).ConfigureAwait(false);
            return files.BrokenPath is { } path
                ? new BuildOutcome.Obsolete(path)
                : new BuildOutcome.Built(await export.ResultAsync(order, response.ExporterResponse, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (files.BrokenPath is not null)
        {
            return new BuildOutcome.Obsolete(files.BrokenPath);
        }
        catch (Exception e) when (EngineUnreachable.In(e) is { } unreachable)
        {
            return new BuildOutcome.Failed([unreachable.Diagnostic]) { Environment = true };
        }
        catch (RegistryException e)
        {
            return new BuildOutcome.Failed([e.Diagnostic]) { Environment = true };
        }
        catch (GrpcException e) when (e.Code != GrpcCode.Unavailable)
        {
            Diagnostic why = FailureReport.Of(order, e, watch.Failed, server.Server);
            return new BuildOutcome.Failed([why]) { Environment = why.Code == DiagnosticCode.RegistryUnreachable };
        }
        catch (Exception e) when (e is IOException or HttpRequestException or GrpcException or TimeoutException)
        {
            return new BuildOutcome.Lost(Lost(order));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
        _opening.Dispose();
    }

    private async Task<BuildKitConnection> ConnectionAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _connection ??= await BuildKitConnection.OpenAsync(server, entry, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<SolveResponse> SolveAsync(BuildKitConnection connection, BuildOrder order, GrpcServices services, BuildWatch watch, CancellationToken cancellationToken)
    {
        await using BuildSession session = await BuildSession.StartAsync(connection, services, credentials, SolveRequests.SharedKey(order), cancellationToken).ConfigureAwait(false);
        SolveRequest solve = SolveRequests.Of(order, session.Id);
        await export.AddToAsync(solve, order, connection, cancellationToken).ConfigureAwait(false);

        // Status waits for the job to appear, so both calls start at once. It has a token of its own: with the build's, the last
        // lines of output and the step's error would be lost.
        using var statusStop = new CancellationTokenSource();
        Task status = FollowAsync(connection, solve.Ref, watch, statusStop.Token);
        try
        {
            Task<SolveResponse> solving = connection.Channel.UnaryAsync(BuildKitConnection.Control + "Solve", solve, SolveResponse.Parser, cancellationToken);
            if (await Task.WhenAny(solving, session.Ended).ConfigureAwait(false) != solving)
                await solving.WaitAsync(LostPatience, cancellationToken).ConfigureAwait(false);
            return await solving.ConfigureAwait(false);
        }
        finally
        {
            // What a cancelled build still has to say is of no use to anybody.
            statusStop.CancelAfter(cancellationToken.IsCancellationRequested ? TimeSpan.Zero : StatusPatience);
            await status.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            watch.Complete();
        }
    }

    private static async Task FollowAsync(BuildKitConnection connection, string reference, BuildWatch watch, CancellationToken cancellationToken)
    {
        await foreach (StatusResponse status in connection.Channel.ServerStreamAsync(
            BuildKitConnection.Control + "Status", new StatusRequest { Ref = reference }, StatusResponse.Parser, cancellationToken).ConfigureAwait(false))
        {
            watch.Take(status);
        }
    }

    private Diagnostic Lost(BuildOrder order) =>
        Diagnostic.Error(DiagnosticCode.BuilderLost, $"image `{order.Image}` did not build: the connection to {server.Server.Name} at `{server.Place}` was lost") with
        {
            Help = server.Server.LostHelp,
        };
}
