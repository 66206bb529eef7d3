using System.Text.Json;
using System.Text.RegularExpressions;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.Transport;
using Devloop.Ports;

namespace Devloop.Adapters.BuildKit;

/// <summary>Asks a BuildKit what it can do, and the Docker Engine around it for its version.</summary>
internal static partial class BuilderProbe
{
    public static async Task<BuilderAbilities> AskAsync(BuildKitConnection connection, IDialer server, GrpcEntry entry, CancellationToken cancellationToken)
    {
        ListWorkersResponse workers = await connection.ListWorkersAsync(cancellationToken).ConfigureAwait(false);
        Version? told = workers.Record.Select(r => Parse(r.BuildkitVersion?.Version)).FirstOrDefault(v => v is not null);
        ActionsCache? actions = ActionsCache.Of(Environment.GetEnvironmentVariable);
        (bool inActions, bool newActionsCache) = (actions is not null, actions?.NewUrl is not null);
        // A BuildKit of its own keeps nothing but what registries take; it tells its version from 0.11 on.
        if (entry == GrpcEntry.Direct)
        {
            return new BuilderAbilities
            {
                Name = told is null ? "a BuildKit before 0.11" : $"BuildKit {told}",
                IsEngine = false,
                BuildKit = told ?? new Version(0, 10),
                KeepsContent = true,
                InActions = inActions,
                NewActionsCache = newActionsCache,
            };
        }
        string? version = await EngineVersionAsync(server, cancellationToken).ConfigureAwait(false);
        return new BuilderAbilities
        {
            Name = version is null ? "the Docker Engine" : $"Docker Engine {version.Split('+')[0]}",
            BuildKit = told ?? Inside(Parse(version)),
            KeepsContent = workers.Record.Any(r => r.Labels.ContainsKey(EngineExport.SnapshotterLabel)),
            InActions = inActions,
            NewActionsCache = newActionsCache,
        };
    }

    /// <summary>What is inside of an engine that does not tell: BuildKit says so from 0.11 on. 23.0 has 0.10, 20.10 has 0.8, and 19.03 has 0.6.</summary>
    private static Version Inside(Version? engine) => engine switch
    {
        { Major: >= 23 } => new Version(0, 10),
        { Major: >= 20 } => new Version(0, 8),
        _ => new Version(0, 6),
    };

    private static async Task<string?> EngineVersionAsync(IDialer engine, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) => await engine.DialAsync(token).ConfigureAwait(false),
            UseProxy = false,
            UseCookies = false,
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://docker/version");
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return null;
        try
        {
            using JsonDocument json = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken: cancellationToken).ConfigureAwait(false);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("Version", out JsonElement version) ? version.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The numbers of <c>v0.11.7+d3e6c1360f6e</c> or <c>20.10.24+dfsg1</c>.</summary>
    private static Version? Parse(string? text) => text is not null && Numbers().Match(text) is { Success: true } match ? new Version(match.Value) : null;

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex Numbers();
}
