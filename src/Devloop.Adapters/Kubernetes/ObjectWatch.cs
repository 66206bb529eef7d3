using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// One list that is kept true by a watch (kubernetes.io, "Efficient detection of changes"). Resumes from the last resource
/// version it has seen; lists anew when the server has forgotten that version (410).
/// </summary>
internal sealed class ObjectWatch(ApiClient client, ApiDiscovery discovery, ObjectKind kind, string? @namespace, string? labelSelector, ChannelWriter<WatchNotice> notices)
{
    private const int PageSize = 500;

    private readonly Dictionary<(string Namespace, string Name), JsonObject> _known = [];
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    private string? _version;
    private bool _wasSynced;
    private bool _isLost;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="ClusterException">The server refused the first list.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_version is null)
                    await ListAsync(cancellationToken).ConfigureAwait(false);
                await FollowAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Status == 410)
            {
                _version = null;
            }
            catch (ClusterException e) when (_wasSynced || e.Status is 0 or 429 or >= 500)
            {
                if (e.Status == 404)
                    discovery.Forget(kind.ApiVersion);
                if (!_isLost)
                    await notices.WriteAsync(new WatchNotice.Lost(e.Message), cancellationToken).ConfigureAwait(false);
                _isLost = true;
                await Task.Delay(_backoff.Next(), client.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        ApiResource resource = await discovery.ResourceAsync(kind, cancellationToken).ConfigureAwait(false);
        var listed = new HashSet<(string, string)>();
        string? next = null;
        string? version;
        do
        {
            string path = resource.CollectionPath(@namespace) + $"?limit={PageSize}" + Selector() + (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            JsonObject page = await client.CallAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
            foreach (JsonObject item in Detach(page))
            {
                item["apiVersion"] ??= kind.ApiVersion;
                item["kind"] ??= kind.Kind;
                listed.Add(Key(item));
                await TellPresentAsync(item, cancellationToken).ConfigureAwait(false);
            }
            version = (string?)page["metadata"]?["resourceVersion"];
            next = (string?)page["metadata"]?["continue"];
        }
        while (!string.IsNullOrEmpty(next));

        foreach ((string, string) key in _known.Keys.Where(k => !listed.Contains(k)).ToImmutableArray())
        {
            _known.Remove(key, out JsonObject? gone);
            await notices.WriteAsync(new WatchNotice.Gone(gone!), cancellationToken).ConfigureAwait(false);
        }
        _version = version;
        await TellSyncedAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        ApiResource resource = await discovery.ResourceAsync(kind, cancellationToken).ConfigureAwait(false);
        // Ends are spread over minutes, so that the watches of one start do not all come back at once.
        int seconds = Random.Shared.Next(300, 600);
        string path = resource.CollectionPath(@namespace)
            + string.Create(CultureInfo.InvariantCulture, $"?watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={Uri.EscapeDataString(_version ?? "")}") + Selector();
        using HttpResponseMessage response = await client.StreamAsync(path, cancellationToken).ConfigureAwait(false);
        if (_isLost)
            await TellSyncedAsync(cancellationToken).ConfigureAwait(false);
        bool heard = false;
        try
        {
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await foreach (byte[] line in Lines.ReadAsync(stream, int.MaxValue, cancellationToken).ConfigureAwait(false))
            {
                if (line.Length == 0)
                    continue;
                heard = true;
                await OnEventAsync(line, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            // What broke is tried again at once, and is lost only when that fails; but a server that always hangs up is not hammered.
            if (!heard)
                throw client.Unreachable(e);
        }
        if (heard)
            _backoff.Reset();
        else
            await Task.Delay(_backoff.Next(), client.Time, cancellationToken).ConfigureAwait(false);
    }

    private async Task OnEventAsync(byte[] line, CancellationToken cancellationToken)
    {
        if (JsonNode.Parse(line) is not JsonObject change || change["object"] is not JsonObject item)
            return;
        string type = (string?)change["type"] ?? "";
        if (type == "ERROR")
            throw Restart(ApiStatus.Of(item, 500));
        change.Remove("object");
        string? version = (string?)item["metadata"]?["resourceVersion"];
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                await TellPresentAsync(item, cancellationToken).ConfigureAwait(false);
                break;
            case "DELETED":
                _known.Remove(Key(item));
                await notices.WriteAsync(new WatchNotice.Gone(Stub(item)), cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
        _version = version ?? _version;
    }

    /// <summary>After any error of a watch, what has been seen cannot be trusted to be complete, so list anew: at once when the version was only too old.</summary>
    private ClusterException Restart(ClusterException error)
    {
        _version = null;
        bool isExpired = error.Status == 410 || error.Message.Contains("too old resource version", StringComparison.Ordinal);
        return new ClusterException(isExpired ? 410 : 500, error.Reason, error.Message);
    }

    private ValueTask TellPresentAsync(JsonObject item, CancellationToken cancellationToken)
    {
        _known[Key(item)] = Stub(item);
        return notices.WriteAsync(new WatchNotice.Present(item), cancellationToken);
    }

    private async Task TellSyncedAsync(CancellationToken cancellationToken)
    {
        bool tell = !_wasSynced || _isLost;
        _wasSynced = true;
        _isLost = false;
        _backoff.Reset();
        if (tell)
            await notices.WriteAsync(new WatchNotice.Synced(), cancellationToken).ConfigureAwait(false);
    }

    private string Selector() => labelSelector is null ? "" : "&labelSelector=" + Uri.EscapeDataString(labelSelector);

    private static (string, string) Key(JsonObject item) => ((string?)item["metadata"]?["namespace"] ?? "", (string?)item["metadata"]?["name"] ?? "");

    /// <summary>Kind and metadata without the managed fields, which are most of an object.</summary>
    private static JsonObject Stub(JsonObject item)
    {
        var metadata = new JsonObject();
        foreach ((string key, JsonNode? value) in item["metadata"] as JsonObject ?? [])
        {
            if (key != "managedFields")
                metadata[key] = value?.DeepClone();
        }
        return new JsonObject { ["apiVersion"] = item["apiVersion"]?.DeepClone(), ["kind"] = item["kind"]?.DeepClone(), ["metadata"] = metadata };
    }

    private static ImmutableArray<JsonObject> Detach(JsonObject page)
    {
        if (page["items"] is not JsonArray items)
            return [];
        ImmutableArray<JsonObject> all = [.. items.OfType<JsonObject>()];
        items.Clear();
        return all;
    }
}
