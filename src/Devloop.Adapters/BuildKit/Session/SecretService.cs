using System.Collections.Immutable;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Google.Protobuf;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>Hands out the secrets of one build, and keeps their values out of what the build says.</summary>
internal sealed class SecretService
{
    /// <summary>BuildKit's own bound.</summary>
    private const int MostBytes = 500 * 1024;

    private readonly ImmutableDictionary<string, byte[]> _values;

    /// <param name="unsaid">What no step can ask for, and the output must not show either.</param>
    private SecretService(ImmutableDictionary<string, byte[]> values, IEnumerable<byte[]> unsaid)
    {
        _values = values;
        Redaction = Redaction.Of(values.Values.Concat(unsaid));
    }

    public Redaction Redaction { get; }

    /// <summary>Reads all secrets before the build begins: a missing one is told at once and by name.</summary>
    public static Parsed<SecretService> Read(BuildOrder order)
    {
        var values = ImmutableDictionary.CreateBuilder<string, byte[]>(StringComparer.Ordinal);
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (BuildSecret secret in order.Secrets)
        {
            (byte[]? value, string? problem) = ValueOf(secret);
            if (value is not null)
                values[secret.Id] = value;
            else
                problems.Add(Diagnostic.Error(DiagnosticCode.SecretMissing, $"secret `{secret.Id}` of image `{order.Image}` {problem}") with
                {
                    At = secret.At,
                    Help = secret.File is null ? $"the environment that devloop is started in sets `{secret.Variable}`" : "the file holds the secret's value and nothing else",
                });
        }
        return problems.Count > 0 ? new(null, problems.ToImmutable()) : new(new SecretService(values.ToImmutable(), TokenOf(order)), []);
    }

    /// <summary>BuildKit gets the token of a cache with the build, and may name it when the cache fails.</summary>
    private static IEnumerable<byte[]> TokenOf(BuildOrder order) =>
        order.Demands.CacheFrom.Concat(order.Demands.CacheTo).Any(c => c.Type == CacheLocation.Actions) && ActionsCache.Of(Environment.GetEnvironmentVariable) is { } actions
            ? [System.Text.Encoding.UTF8.GetBytes(actions.Token)]
            : [];

    public void AddTo(GrpcServices services) => services.AddUnary("/moby.buildkit.secrets.v1.Secrets/GetSecret", GetSecretRequest.Parser, (request, _) =>
        // NotFound lets a mount that is not required go on without it.
        _values.TryGetValue(request.Id, out byte[]? value)
            ? ValueTask.FromResult(new GetSecretResponse { Data = ByteString.CopyFrom(value) })
            : throw new GrpcException(GrpcCode.NotFound, $"secret {request.Id} not found"));

    private static (byte[]? Value, string? Problem) ValueOf(BuildSecret secret)
    {
        if (secret.File is null)
        {
            return Environment.GetEnvironmentVariable(secret.Variable!) is { } set
                ? (System.Text.Encoding.UTF8.GetBytes(set), null)
                : (null, $"has no value: the environment variable `{secret.Variable}` is not set");
        }
        try
        {
            var file = new FileInfo(secret.File);
            if (!file.Exists)
                return (null, "has no value: its file does not exist");
            return file.Length > MostBytes ? (null, "is larger than 500 KiB, which BuildKit does not take") : (File.ReadAllBytes(secret.File), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e is UnauthorizedAccessException ? "cannot be read: permission denied" : "cannot be read");
        }
    }
}
