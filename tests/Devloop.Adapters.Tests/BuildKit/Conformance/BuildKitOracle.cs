using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Session;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.Tests.Support;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>What BuildKit is asked to build.</summary>
/// <param name="DockerfileFiles">The files beside the Dockerfile, which is called <c>Dockerfile</c>.</param>
internal sealed record OracleQuestion(params (string Name, string Text)[] DockerfileFiles)
{
    /// <summary>Offered whole.</summary>
    public ContextSnapshot Context { get; init; } = ContextSnapshot.Empty;

    /// <summary>Frontend attributes such as <c>target</c> and <c>build-arg:NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Leaves an image in the engine; without, nothing is kept but the cache.</summary>
    public bool Exports { get; init; }
}

/// <summary>What BuildKit did.</summary>
/// <param name="Error">Its error, or null.</param>
/// <param name="Image">The image, when one was exported.</param>
internal sealed partial record OracleAnswer(IReadOnlyCollection<Asked> Asked, string? Error, string? Image)
{
    private static readonly string[] Refusals =
        ["failed to create LLB definition", "dockerfile parse error", "failed to read dockerfile", "Dockerfile cannot be empty", "no instructions", "target stage", "error from sender: invalid", "syntax error in pattern"];

    /// <summary>The Dockerfile was refused; a step that failed, or a file that was missing, is no refusal.</summary>
    public bool Refused => Error is not null && Refusals.Any(r => Error.Contains(r, StringComparison.OrdinalIgnoreCase));

    /// <summary>The line that the error names, or null.</summary>
    public int? Line => Error is not null && ErrorLine().Match(Error) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, null) : null;

    /// <summary>What it asked of the context for the build: not the call before it that only looks for an ignore file.</summary>
    public Asked? Context
    {
        get
        {
            Asked[] calls = [.. Asked.Where(a => a.Source == "context")];
            return calls.Skip(calls is [{ FollowPaths: [".dockerignore"] }, ..] ? 1 : 0).DistinctBy(a => string.Join('\n', a.Listed)).SingleOrDefault();
        }
    }

    [GeneratedRegex(@"parse error (?:on )?line ([0-9]+)", RegexOptions.IgnoreCase)]
    private static partial Regex ErrorLine();
}

/// <summary>The engine's BuildKit as judge: it is offered everything, under a new name each time so that it remembers nothing.</summary>
public sealed class BuildKitOracle : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private BuildKitConnection? _connection;

    public async Task InitializeAsync() => _connection = await BuildKitConnection.OpenAsync(TestEngine.Dialer(), GrpcEntry.EngineUpgrade, CancellationToken.None);

    public async Task DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    internal async Task<OracleAnswer> AskAsync(OracleQuestion question)
    {
        RequireStage(question);
        BuildKitConnection connection = _connection.ShouldNotBeNull();
        var offered = new OfferedSource(new Dictionary<string, SourceTree>
        {
            ["context"] = SourceTree.Of(question.Context),
            ["dockerfile"] = SourceTree.InMemory(question.DockerfileFiles),
        });
        var services = new GrpcServices();
        services.Methods["/moby.filesync.v1.FileSync/DiffCopy"] = offered.DiffCopyAsync;
        services.AddUnary("/grpc.health.v1.Health/Check", HealthCheckRequest.Parser, (_, _) => ValueTask.FromResult(new HealthCheckResponse { Status = 1 }));
        services.AddUnary("/moby.filesync.v1.Auth/Credentials", CredentialsRequest.Parser, (_, _) => ValueTask.FromResult(new CredentialsResponse()));

        string session = RandomId();
        using var stop = new CancellationTokenSource();
        GrpcByteStream stream = connection.Channel.OpenByteStream(BuildKitConnection.Control + "Session",
        [
            new("x-docker-expose-session-uuid", session),
            new("x-docker-expose-session-name", "conformance"),
            new("x-docker-expose-session-sharedkey", session),
            new("x-docker-expose-session-grpc-method", "/moby.filesync.v1.FileSync/DiffCopy"),
        ], CancellationToken.None);
        await stream.OpenedAsync(CancellationToken.None);
        Task serving = connection.SessionServer.ServeAsync(stream, services, stop.Token);
        var solve = new SolveRequest
        {
            Ref = RandomId(), Session = session, Frontend = "dockerfile.v0", Exporter = question.Exports ? "moby" : "", Cache = new CacheOptions(),
            FrontendAttrs = { ["filename"] = "Dockerfile", ["dockerfilekey"] = "dockerfile", ["image-resolve-mode"] = "local" },
        };
        solve.FrontendAttrs.Add(question.Attributes.ToDictionary());
        try
        {
            SolveResponse response = await connection.Channel.UnaryAsync(BuildKitConnection.Control + "Solve", solve, SolveResponse.Parser, CancellationToken.None).WaitAsync(Patience);
            return new OracleAnswer(offered.Asked, null, response.ExporterResponse.GetValueOrDefault("containerimage.config.digest") ?? response.ExporterResponse.GetValueOrDefault("containerimage.digest"));
        }
        catch (GrpcException e)
        {
            return new OracleAnswer(offered.Asked, e.Message, null);
        }
        finally
        {
            await stream.DisposeAsync();
            await stop.CancelAsync();
            await serving.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>BuildKit 0.8 panics on a Dockerfile that has ARG and no stage, and a Docker Engine goes down with it.</summary>
    private static void RequireStage(OracleQuestion question)
    {
        string text = question.DockerfileFiles.First(f => f.Name == "Dockerfile").Text;
        bool hasStage = DockerfileReader.Read(new SourceText("Dockerfile", text)).Value is { Stages.IsEmpty: false };
        if (text.Contains("ARG", StringComparison.OrdinalIgnoreCase) && !hasStage)
            throw new ArgumentException("a Dockerfile without a stage brings the engine down", nameof(question));
    }

    private static string RandomId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
