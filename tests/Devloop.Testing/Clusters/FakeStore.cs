using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Ports;

namespace Devloop.Testing.Clusters;

/// <summary>Objects with their versions, and the watches on them.</summary>
internal sealed class FakeStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKind, bool> _kinds = new()
    {
        [new("v1", "Namespace")] = false,
        [new("v1", "Pod")] = true,
        [new("v1", "Service")] = true,
        [new("v1", "ConfigMap")] = true,
        [new("v1", "Secret")] = true,
        [new("v1", "ServiceAccount")] = true,
        [new("v1", "PersistentVolumeClaim")] = true,
        [new("v1", "Event")] = true,
        [new("apps/v1", "Deployment")] = true,
        [new("apps/v1", "ReplicaSet")] = true,
        [new("apps/v1", "StatefulSet")] = true,
        [new("apps/v1", "DaemonSet")] = true,
        [new("batch/v1", "Job")] = true,
        [new("batch/v1", "CronJob")] = true,
        [new("networking.k8s.io/v1", "Ingress")] = true,
        [new("apiextensions.k8s.io/v1", "CustomResourceDefinition")] = false,
    };

    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<Watcher> _watchers = [];
    private readonly string _defaultNamespace;
    private long _version = 100;

    public FakeStore(string @namespace)
    {
        _defaultNamespace = @namespace;
        Apply(new ObjectReference(new ObjectKind("v1", "Namespace"), null, @namespace), Json.Parse("""{"apiVersion": "v1", "kind": "Namespace", "metadata": {}}"""));
    }

    public bool IsReachable { get; private set; } = true;

    /// <summary>Hears of each object that is deleted.</summary>
    public Action<JsonObject> Deleted { get; init; } = _ => { };

    private sealed record Watcher(ObjectKind Kind, string? Namespace, string? Selector, Channel<WatchNotice> Notices)
    {
        public List<WatchNotice> Held { get; } = [];
    }

    public void AddKind(ObjectKind kind, bool namespaced)
    {
        lock (_gate)
            _kinds[kind] = namespaced;
    }

    public IReadOnlyList<JsonObject> All(string kind)
    {
        lock (_gate)
            return [.. _objects.Values.Where(o => o.Text("kind") == kind).Select(Clone)];
    }

    public JsonObject? Find(ObjectReference reference)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(Key(reference)) is { } found ? Clone(found) : null;
    }

    /// <summary>Server-side apply: see <see cref="FakeApply"/>.</summary>
    public JsonObject Apply(ObjectReference reference, JsonObject rendered)
    {
        lock (_gate)
        {
            string key = Key(reference);
            string? @namespace = _kinds[reference.Kind] ? reference.Namespace ?? _defaultNamespace : null;
            if (@namespace is not null && !_objects.ContainsKey(Key(new ObjectReference(new ObjectKind("v1", "Namespace"), null, @namespace))))
                throw new ClusterException(404, "NotFound", $"namespaces \"{@namespace}\" not found");
            JsonObject? live = _objects.GetValueOrDefault(key);
            JsonObject next = FakeApply.Merge(live, rendered, reference.Name, @namespace);
            if (live is not null && JsonNode.DeepEquals(live, next))
                return Clone(live);
            if (IsDeleting(next) && !HasFinalizers(next))
            {
                _objects.Remove(key);
                Tell(next, new WatchNotice.Gone(Clone(next)));
                return next;
            }
            if (reference.Kind.Kind == "CustomResourceDefinition")
                Establish(next);
            JsonObject put = Put(key, next);
            if (live is null && reference.Kind.Kind == "Namespace")
                Put($"v1/ServiceAccount of {reference.Name}", Json.Parse($$"""{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "{{reference.Name}}"} }"""));
            return put;
        }
    }

    /// <summary>The kind is served from now on.</summary>
    private void Establish(JsonObject definition)
    {
        foreach (JsonNode? version in definition["spec"]!["versions"]!.AsArray())
            _kinds[new ObjectKind($"{definition.Text("spec", "group")}/{version.Text("name")}", definition.Text("spec", "names", "kind")!)] = definition.Text("spec", "scope") == "Namespaced";
        definition["status"] = Json.Parse("""{"conditions": [{"type": "Established", "status": "True"}]}""");
    }

    private static bool IsDeleting(JsonObject item) => item.Text("metadata", "deletionTimestamp") is not null;

    private static bool HasFinalizers(JsonObject item) => item["metadata"]?["finalizers"] is JsonArray { Count: > 0 };

    /// <summary>Writes as a controller does: no ownership, no generation.</summary>
    public JsonObject Write(JsonObject item)
    {
        lock (_gate)
        {
            string key = Key(new ObjectReference(new ObjectKind(item.Text("apiVersion")!, item.Text("kind")!), item.Text("metadata", "namespace"), item.Text("metadata", "name")!));
            JsonObject? live = _objects.GetValueOrDefault(key);
            JsonObject next = Clone(item);
            FakeApply.Identify(next, live);
            next["metadata"]!["resourceVersion"] = live.Text("metadata", "resourceVersion");
            return live is not null && JsonNode.DeepEquals(live, next) ? next : Put(key, next);
        }
    }

    /// <summary>A JSON patch of removals: all of them or none.</summary>
    public JsonObject RemoveFields(ObjectReference reference, IEnumerable<string> pointers)
    {
        lock (_gate)
        {
            string key = Key(reference);
            JsonObject next = _objects.GetValueOrDefault(key) is { } live ? Clone(live) : throw new ClusterException(404, "NotFound", $"{reference} not found");
            foreach (string pointer in pointers)
            {
                string[] path = [.. pointer[1..].Split('/').Select(t => t.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
                JsonNode? parent = path[..^1].Aggregate((JsonNode?)next, (n, t) => n is JsonArray list ? list[int.Parse(t, CultureInfo.InvariantCulture)] : (n as JsonObject)?[t]);
                if (parent is not JsonObject map || !map.Remove(path[^1]))
                    throw new ClusterException(422, "Invalid", "the server rejected our request due to an error in our request");
            }
            return Put(key, next);
        }
    }

    /// <summary>Deletes an object and all that it owns.</summary>
    public bool Delete(ObjectReference reference)
    {
        lock (_gate)
        {
            if (!_kinds.ContainsKey(reference.Kind) || !_objects.TryGetValue(Key(reference), out JsonObject? gone))
                return false;
            if (HasFinalizers(gone))
            {
                JsonObject going = Clone(gone);
                going["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
                if (!IsDeleting(gone))
                    Put(Key(reference), going);
                return true;
            }
            _objects.Remove(Key(reference));
            Tell(gone, new WatchNotice.Gone(Clone(gone)));
            Deleted(gone);
            foreach (JsonObject owned in _objects.Values.Where(o => o["metadata"]?["ownerReferences"] is JsonArray owners && owners.Any(r => r.Text("uid") == gone.Text("metadata", "uid"))).ToArray())
                Delete(new ObjectReference(new ObjectKind(owned.Text("apiVersion")!, owned.Text("kind")!), owned.Text("metadata", "namespace"), owned.Text("metadata", "name")!));
            return true;
        }
    }

    public ChannelReader<WatchNotice> Watch(ObjectKind kind, string? @namespace, string? selector, out IDisposable subscription)
    {
        var watcher = new Watcher(kind, @namespace, selector, Channel.CreateUnbounded<WatchNotice>());
        lock (_gate)
        {
            if (!_kinds.ContainsKey(kind))
                watcher.Notices.Writer.TryComplete(NoMatch(kind));
            foreach (JsonObject item in _objects.Values.Where(o => Matches(watcher, o)))
                watcher.Notices.Writer.TryWrite(new WatchNotice.Present(Clone(item)));
            watcher.Notices.Writer.TryWrite(new WatchNotice.Synced());
            _watchers.Add(watcher);
        }
        subscription = new Subscription(this, watcher);
        return watcher.Notices.Reader;
    }

    public void SetReachable(bool reachable)
    {
        lock (_gate)
        {
            if (IsReachable == reachable)
                return;
            IsReachable = reachable;
            foreach (Watcher watcher in _watchers)
            {
                if (reachable)
                {
                    watcher.Held.ForEach(n => watcher.Notices.Writer.TryWrite(n));
                    watcher.Held.Clear();
                }
                watcher.Notices.Writer.TryWrite(reachable ? new WatchNotice.Synced() : new WatchNotice.Lost("the connection was refused"));
            }
        }
    }

    private sealed class Subscription(FakeStore store, Watcher watcher) : IDisposable
    {
        public void Dispose()
        {
            lock (store._gate)
                store._watchers.Remove(watcher);
        }
    }

    private JsonObject Put(string key, JsonObject item)
    {
        item["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[key] = item;
        Tell(item, new WatchNotice.Present(Clone(item)));
        return Clone(item);
    }

    private void Tell(JsonObject item, WatchNotice notice)
    {
        foreach (Watcher watcher in _watchers.Where(w => Matches(w, item)))
        {
            if (IsReachable)
                watcher.Notices.Writer.TryWrite(notice);
            else
                watcher.Held.Add(notice);
        }
    }

    private static bool Matches(Watcher watcher, JsonObject item) =>
        item.Text("apiVersion") == watcher.Kind.ApiVersion
        && item.Text("kind") == watcher.Kind.Kind
        && (watcher.Namespace is null || item.Text("metadata", "namespace") == watcher.Namespace)
        && (watcher.Selector is null || watcher.Selector.Split(',').All(term => term.Split('=', 2) is [var label, var value] && item.Text("metadata", "labels", label) == value));

    private string Key(ObjectReference reference)
    {
        if (!_kinds.TryGetValue(reference.Kind, out bool namespaced))
            throw NoMatch(reference.Kind);
        return $"{reference.Kind}/{(namespaced ? reference.Namespace ?? _defaultNamespace : "")}/{reference.Name}";
    }

    private static ClusterException NoMatch(ObjectKind kind) => new(404, ClusterException.NoKindMatch, $"the cluster knows no kind `{kind.Kind}` in `{kind.ApiVersion}`");

    private static JsonObject Clone(JsonObject item) => (JsonObject)item.DeepClone();
}
