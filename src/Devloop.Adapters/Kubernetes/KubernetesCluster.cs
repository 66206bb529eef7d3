using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Adapters.Kubernetes.PodExec;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>A Kubernetes API server over HTTP.</summary>
public sealed class KubernetesCluster : ICluster, IDisposable
{
    private const int LongestLogLine = 256 * 1024;
    private const int LongestTime = 40;

    /// <summary>Notices that may wait for their reader before the watch itself waits; nothing is dropped.</summary>
    private const int WaitingNotices = 256;

    private readonly ApiClient _client;
    private readonly ApiDiscovery _discovery;

    public KubernetesCluster(ClusterAccess access, TimeProvider time)
    {
        _client = new ApiClient(access, time);
        _discovery = new ApiDiscovery(_client);
    }

    internal ApiClient Client => _client;

    public Task<ClusterProbe> ProbeAsync(CancellationToken cancellationToken) => Probing.ProbeAsync(_client, cancellationToken);

    public async Task<JsonObject?> GetAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        try
        {
            return await OnResourceAsync(reference.Kind, resource => _client.CallAsync(HttpMethod.Get, PathOf(resource, reference), null, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e is { Status: 404, Reason: not ClusterException.NoKindMatch })
        {
            return null;
        }
    }

    public Task<JsonObject> ApplyAsync(JsonObject rendered, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rendered);
        var reference = new ObjectReference(
            new ObjectKind((string?)rendered["apiVersion"] ?? "", (string?)rendered["kind"] ?? ""),
            (string?)rendered["metadata"]?["namespace"],
            (string?)rendered["metadata"]?["name"] ?? "");
        var body = new ApiBody("application/apply-patch+yaml", rendered.ToJsonString());
        return OnResourceAsync(reference.Kind, resource => _client.CallAsync(HttpMethod.Patch, PathOf(resource, reference) + "?fieldManager=devloop&force=true", body, cancellationToken), cancellationToken);
    }

    public Task RemoveFieldsAsync(ObjectReference reference, ImmutableArray<string> pointers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var operations = new JsonArray([.. pointers.Select(p => (JsonNode)new JsonObject { ["op"] = "remove", ["path"] = p })]);
        var body = new ApiBody("application/json-patch+json", operations.ToJsonString());
        return OnResourceAsync(reference.Kind, resource => _client.CallAsync(HttpMethod.Patch, PathOf(resource, reference) + "?fieldManager=devloop", body, cancellationToken), cancellationToken);
    }

    public async Task<bool> DeleteAsync(ObjectReference reference, DeletePropagation propagation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = propagation.ToString() };
        var body = new ApiBody("application/json", options.ToJsonString());
        try
        {
            await OnResourceAsync(reference.Kind, resource => _client.CallAsync(HttpMethod.Delete, PathOf(resource, reference), body, cancellationToken), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ClusterException e) when (e.Status == 404)
        {
            // Where there is no such kind there is no such object either.
            return false;
        }
    }

    public async IAsyncEnumerable<WatchNotice> WatchAsync(ObjectKind kind, string? @namespace, string? labelSelector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<WatchNotice> notices = Channel.CreateBounded<WatchNotice>(new BoundedChannelOptions(WaitingNotices) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task running = RunWatchAsync(new ObjectWatch(_client, _discovery, kind, @namespace, labelSelector, notices.Writer), notices.Writer, stop.Token);
        try
        {
            await foreach (WatchNotice notice in notices.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return notice;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    public async IAsyncEnumerable<LogLine> LogsAsync(string @namespace, string pod, string container, DateTimeOffset? since, bool previous, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string path = $"/api/v1/namespaces/{Uri.EscapeDataString(@namespace)}/pods/{Uri.EscapeDataString(pod)}/log?container={Uri.EscapeDataString(container)}"
            + "&timestamps=true" + (previous ? "&previous=true" : "&follow=true")
            + (since is { } from ? "&sinceTime=" + Uri.EscapeDataString(from.UtcDateTime.ToString("o")) : "");
        using HttpResponseMessage response = await _client.StreamAsync(path, cancellationToken).ConfigureAwait(false);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using IAsyncEnumerator<byte[]> lines = Lines.ReadAsync(stream, LongestLogLine, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(lines).ConfigureAwait(false))
        {
            if (Timed(lines.Current) is { } line)
                yield return line;
        }
    }

    /// <summary>A line with the time before it; null for the kubelet's own words between the lines, such as that the container has gone.</summary>
    private static LogLine? Timed(byte[] line)
    {
        int space = Array.IndexOf(line, (byte)' ');
        int end = space < 0 ? line.Length : space;
        // Short enough to be a time (RFC 3339 with nanoseconds), before any of it is taken for text.
        if (end > LongestTime || !DateTimeOffset.TryParse(Encoding.ASCII.GetString(line, 0, end), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
            return null;
        return new LogLine(at, space < 0 ? "" : Encoding.UTF8.GetString(line.AsSpan(space + 1).TrimEnd((byte)'\r')));
    }

    public Task<ExecEnd> ExecAsync(ExecOrder order, CancellationToken cancellationToken) => ContainerCommand.RunAsync(_client, order, cancellationToken);

    public void Dispose() => _client.Dispose();

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<byte[]> lines)
    {
        try
        {
            return await lines.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw _client.Unreachable(e);
        }
    }

    /// <summary>Ends the channel with what ended the watch, so that its reader throws it.</summary>
    private static async Task RunWatchAsync(ObjectWatch watch, ChannelWriter<WatchNotice> notices, CancellationToken cancellationToken)
    {
        try
        {
            await watch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            notices.TryComplete();
        }
        catch (Exception e)
        {
            notices.TryComplete(e);
        }
    }

    /// <summary>Finds the resource and calls; once more when the server no longer serves what was remembered.</summary>
    private async Task<JsonObject> OnResourceAsync(ObjectKind kind, Func<ApiResource, Task<JsonObject>> call, CancellationToken cancellationToken)
    {
        ApiResource resource = await _discovery.ResourceAsync(kind, cancellationToken).ConfigureAwait(false);
        try
        {
            return await call(resource).ConfigureAwait(false);
        }
        catch (ClusterException e) when (IsUnservedPath(e))
        {
            _discovery.Forget(kind.ApiVersion);
        }
        try
        {
            return await call(await _discovery.ResourceAsync(kind, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (ClusterException e) when (IsUnservedPath(e))
        {
            // A kind that was defined this moment is listed before it is served.
            throw ApiDiscovery.NoMatch(kind);
        }
    }

    /// <summary>The two forms in which servers say that a path is not theirs; a missing object is named instead.</summary>
    private static bool IsUnservedPath(ClusterException e) =>
        e.Status == 404
        && (e.Message.StartsWith("404 page not found", StringComparison.Ordinal) || e.Message.StartsWith("the server could not find the requested resource", StringComparison.Ordinal));

    private string PathOf(ApiResource resource, ObjectReference reference) => resource.ObjectPath(reference.Namespace ?? _client.Access.Namespace, reference.Name);
}
