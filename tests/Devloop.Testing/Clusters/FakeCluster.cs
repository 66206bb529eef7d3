using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Testing.Clusters;

/// <summary>One call that the fake cluster was asked, in order.</summary>
/// <param name="Verb"><c>get</c>, <c>apply</c> or <c>delete</c>.</param>
public sealed record FakeCall(string Verb, ObjectReference Reference);

/// <summary>
/// An API server in memory that keeps <see cref="ClusterContract"/>. Deployments get pods from <see cref="FakeKubelet"/> at once, so a
/// test needs no clock; what shall go wrong is scripted.
/// </summary>
public sealed class FakeCluster : ICluster
{
    private readonly FakeStore _store;
    private readonly FakeKubelet _kubelet;
    private readonly ConcurrentQueue<FakeCall> _calls = new();
    private readonly ConcurrentDictionary<(string Pod, string Container), FakeLog> _logs = new();

    public FakeCluster(string @namespace = "default")
    {
        Namespace = @namespace;
        _store = new FakeStore(@namespace) { Deleted = EndLogs };
        _kubelet = new FakeKubelet(_store);
    }

    public string Namespace { get; }

    public string Context { get; init; } = "kind-fake";

    public string Node { get; init; } = "node";

    /// <summary>The container runtime of the one node.</summary>
    public string Runtime { get; init; } = "docker://20.10.24";

    /// <summary>What was asked so far, in order.</summary>
    public IReadOnlyList<FakeCall> Calls => [.. _calls];

    /// <summary>Looks at each call before it is served; what it gives is thrown.</summary>
    public Func<FakeCall, ClusterException?> Refuse { get; set; } = _ => null;

    /// <summary>What becomes of the pods made from now on.</summary>
    public Func<JsonObject, FakePodOutcome> PodOutcome
    {
        get => _kubelet.Outcome;
        set => _kubelet.Outcome = value;
    }

    /// <summary>Every object of a kind as it is, in the order of names.</summary>
    public IReadOnlyList<JsonObject> All(string kind) => _store.All(kind);

    /// <summary>A custom kind appears, as when its definition is applied.</summary>
    public void AddKind(ObjectKind kind, bool namespaced) => _store.AddKind(kind, namespaced);

    /// <summary>A controller or a kubelet writes an object as it is: a status, an event, a pod.</summary>
    public void Write(JsonObject item) => _store.Write(item);

    /// <summary>The server goes away: calls fail without an answer and watches are lost.</summary>
    public void GoAway() => _store.SetReachable(false);

    /// <summary>The server is back: watches tell what changed meanwhile.</summary>
    public void ComeBack() => _store.SetReachable(true);

    /// <summary>A container writes a line.</summary>
    public void WriteLog(string pod, string container, string line) => Log(pod, container).Add(line);

    /// <summary>A container ends; those who follow its lines come to their end.</summary>
    public void EndLog(string pod, string container) => Log(pod, container).Complete();

    public Task<ClusterProbe> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult<ClusterProbe>(_store.IsReachable
        ? new ClusterProbe.Reached(Context, "https://127.0.0.1:6443", Namespace, "v1.33.0", [new ClusterNode(Node, Runtime, "machine", "system", "boot", [])])
        : new ClusterProbe.Unreachable(Diagnostic.Error(DiagnosticCode.ClusterUnreachable, $"the cluster of context `{Context}` cannot be reached: the connection was refused")));

    public Task<JsonObject?> GetAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        ServeAsync(new FakeCall("get", reference), () => _store.Find(reference), cancellationToken);

    public Task<JsonObject> ApplyAsync(JsonObject rendered, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(new ObjectKind(rendered.Text("apiVersion") ?? "", rendered.Text("kind") ?? ""), rendered.Text("metadata", "namespace"), rendered.Text("metadata", "name") ?? "");
        return ServeAsync(
            new FakeCall("apply", reference),
            () =>
            {
                JsonObject applied = _store.Apply(reference, rendered);
                _kubelet.Settle((JsonObject)applied.DeepClone());
                return applied;
            },
            cancellationToken);
    }

    public Task RemoveFieldsAsync(ObjectReference reference, ImmutableArray<string> pointers, CancellationToken cancellationToken) =>
        ServeAsync(new FakeCall("patch", reference), () => _store.RemoveFields(reference, pointers), cancellationToken);

    public Task<bool> DeleteAsync(ObjectReference reference, DeletePropagation propagation, CancellationToken cancellationToken) =>
        ServeAsync(new FakeCall("delete", reference), () => _store.Delete(reference), cancellationToken);

    public async IAsyncEnumerable<WatchNotice> WatchAsync(ObjectKind kind, string? @namespace, string? labelSelector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ChannelReader<WatchNotice> notices = _store.Watch(kind, @namespace, labelSelector, out IDisposable subscription);
        using (subscription)
        {
            await foreach (WatchNotice notice in notices.ReadAllAsync(cancellationToken))
                yield return notice;
        }
    }

    public IAsyncEnumerable<LogLine> LogsAsync(string @namespace, string pod, string container, DateTimeOffset? since, bool previous, CancellationToken cancellationToken) =>
        Log(pod, container).FollowAsync(since, cancellationToken);

    /// <summary>With a pod its containers end.</summary>
    private void EndLogs(JsonObject gone)
    {
        foreach (JsonNode? container in gone["spec"]?["containers"] as JsonArray ?? [])
            EndLog(gone.Text("metadata", "name") ?? "", container.Text("name") ?? "");
    }

    /// <summary>The connections of those who follow a container break; it goes on writing.</summary>
    public void CutLog(string pod, string container) => Log(pod, container).Cut();

    public async Task<ExecEnd> ExecAsync(ExecOrder order, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(new ObjectKind("v1", "Pod"), order.Namespace, order.Pod);
        JsonObject? pod = await ServeAsync(new FakeCall("exec", reference), () => _store.Find(reference), cancellationToken);
        if (pod is null)
            throw new ClusterException(404, "NotFound", $"there is no pod `{order.Pod}`");
        if (!(pod["spec"]?["containers"] as JsonArray ?? []).Any(c => c.Text("name") == order.Container))
            throw new ClusterException(400, "BadRequest", $"pod `{order.Pod}` has no container `{order.Container}` that runs");
        return await FakeProgram.RunAsync(order, cancellationToken);
    }

    private FakeLog Log(string pod, string container) => _logs.GetOrAdd((pod, container), _ => new FakeLog());

    private Task<T> ServeAsync<T>(FakeCall call, Func<T> serve, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _calls.Enqueue(call);
        if (!_store.IsReachable)
            return Task.FromException<T>(new ClusterException(0, "", "the connection was refused"));
        if (Refuse(call) is { } refused)
            return Task.FromException<T>(refused);
        try
        {
            return Task.FromResult(serve());
        }
        catch (ClusterException e)
        {
            return Task.FromException<T>(e);
        }
    }
}
