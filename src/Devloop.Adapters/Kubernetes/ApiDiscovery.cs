using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// Maps a kind to its place in the API. Asks a group's version once and remembers; asks again when a kind is not in it, since
/// custom kinds appear while devloop runs.
/// </summary>
internal sealed class ApiDiscovery(ApiClient client)
{
    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, ApiResource>> _known = new(StringComparer.Ordinal);

    /// <exception cref="ClusterException">With reason <see cref="ClusterException.NoKindMatch"/> when the cluster knows no such kind.</exception>
    public async ValueTask<ApiResource> ResourceAsync(ObjectKind kind, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(kind.ApiVersion, out ImmutableDictionary<string, ApiResource>? known) && known.TryGetValue(kind.Kind, out ApiResource? resource))
            return resource;
        ImmutableDictionary<string, ApiResource> found = await AskAsync(kind.ApiVersion, cancellationToken).ConfigureAwait(false);
        _known[kind.ApiVersion] = found;
        return found.GetValueOrDefault(kind.Kind) ?? throw NoMatch(kind);
    }

    /// <summary>Forgets a version, after the server said that a path in it is not served any more.</summary>
    public void Forget(string apiVersion) => _known.TryRemove(apiVersion, out _);

    public static ClusterException NoMatch(ObjectKind kind) =>
        new(404, ClusterException.NoKindMatch, $"the cluster knows no kind `{kind.Kind}` in `{kind.ApiVersion}`");

    private async Task<ImmutableDictionary<string, ApiResource>> AskAsync(string apiVersion, CancellationToken cancellationToken)
    {
        JsonObject list;
        try
        {
            list = await client.CallAsync(HttpMethod.Get, ApiResource.GroupVersionPath(apiVersion), null, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Status == 404)
        {
            return ImmutableDictionary<string, ApiResource>.Empty;
        }
        ImmutableDictionary<string, ApiResource>.Builder found = ImmutableDictionary.CreateBuilder<string, ApiResource>(StringComparer.Ordinal);
        foreach (JsonObject entry in (list["resources"] as JsonArray ?? []).OfType<JsonObject>())
        {
            // A name with a slash is a subresource, such as deployments/scale.
            if ((string?)entry["name"] is { } name && !name.Contains('/', StringComparison.Ordinal) && (string?)entry["kind"] is { } kind)
                found.TryAdd(kind, new ApiResource(new ObjectKind(apiVersion, kind), name, (bool?)entry["namespaced"] ?? false));
        }
        return found.ToImmutable();
    }
}
