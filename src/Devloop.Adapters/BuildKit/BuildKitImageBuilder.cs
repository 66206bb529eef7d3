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
/// Builds with the BuildKit inside a Docker Engine, by its own gRPC calls. One connection and one session server are made at the
/// first build and serve all builds of the run, also several at once.
/// </summary>
public sealed class BuildKitImageBuilder(EngineDialer engine, RegistryCredentials credentials) : IImageBuilder, IAsyncDisposable
{
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
            return _abilities ??= await BuilderProbe.AskAsync(connection, engine, cancellationToken).ConfigureAwait(false);
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
            throw EngineUnreachable.Because(engine.Address, "it did not say what its builder can do", "the engine's log says why: `journalctl -u docker`", e);
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
        });
        var services = new GrpcServices();
        files.AddTo(services);
        secretService.AddTo(services);
        sshService.AddTo(services);
        try
        {
            BuildKitConnection connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            SolveResponse response = await SolveAsync(connection, order, services, watch, cancellationToken).ConfigureAwait(false);
            return files.BrokenPath is { } path ? new BuildOutcome.Obsolete(path) : Built(response);
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
        catch (GrpcException e) when (e.Code != GrpcCode.Unavailable)
        {
            return new BuildOutcome.Failed([FailureReport.Of(order, e, watch.Failed)]);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or GrpcException or TimeoutException)
        {
            return new BuildOutcome.Failed([Lost(order)]) { Environment = true };
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
            return _connection ??= await BuildKitConnection.OpenAsync(engine, cancellationToken).ConfigureAwait(false);
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
            statusStop.CancelAfter(StatusPatience);
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

    /// <summary>Engines from 23.0 on tell the config's digest by that name; before, <c>containerimage.digest</c> is it.</summary>
    private static BuildOutcome.Built Built(SolveResponse response)
    {
        string digest = response.ExporterResponse.GetValueOrDefault("containerimage.config.digest")
            ?? response.ExporterResponse.GetValueOrDefault("containerimage.digest")
            ?? throw new GrpcException(GrpcCode.Internal, "the build ended without an image");
        return new BuildOutcome.Built(new ImageDigest(digest));
    }

    private Diagnostic Lost(BuildOrder order) =>
        Diagnostic.Error(DiagnosticCode.BuilderLost, $"image `{order.Image}` did not build: the connection to the Docker Engine at `{engine.Address}` was lost") with
        {
            Help = "the engine stopped or was restarted; its log says why: `journalctl -u docker`",
        };
}
