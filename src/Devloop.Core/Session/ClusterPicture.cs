using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>The objects that the watches told of, by kind and uid.</summary>
internal sealed class ClusterPicture
{
    private const int MostEvents = 500;

    private readonly Dictionary<ObjectKind, Dictionary<string, JsonObject>> _objects = [];
    private readonly Dictionary<ObjectKind, ImmutableArray<JsonObject>> _lists = [];

    public ImmutableArray<JsonObject> All(ObjectKind kind)
    {
        if (!_lists.TryGetValue(kind, out ImmutableArray<JsonObject> list))
            _lists[kind] = list = _objects.TryGetValue(kind, out Dictionary<string, JsonObject>? some) ? [.. some.Values] : [];
        return list;
    }

    public JsonObject? Find(ObjectKind kind, string uid) => _objects.GetValueOrDefault(kind)?.GetValueOrDefault(uid);

    public void Put(ObjectKind kind, JsonObject item)
    {
        if (kind.Kind == "Event" && (string?)item["type"] != "Warning")
            return;
        // Items of a list carry neither kind nor version; whoever judges them asks for both.
        item["kind"] ??= kind.Kind;
        item["apiVersion"] ??= kind.ApiVersion;
        Dictionary<string, JsonObject> some = _objects.TryGetValue(kind, out Dictionary<string, JsonObject>? known) ? known : _objects[kind] = [];
        if (kind.Kind == "Event" && some.Count >= MostEvents)
            some.Clear();
        some[item.Uid()] = item;
        _lists.Remove(kind);
    }

    /// <summary>Takes an object that an apply gave back, unless a watch was faster.</summary>
    public void PutIfNewer(JsonObject item)
    {
        ObjectKind kind = item.ObjectKind();
        if (Find(kind, item.Uid()) is not { } known || known.Generation() < item.Generation())
            Put(kind, (JsonObject)item.DeepClone());
    }

    public void Remove(ObjectKind kind, JsonObject item)
    {
        if (_objects.TryGetValue(kind, out Dictionary<string, JsonObject>? some) && some.Remove(item.Uid()))
            _lists.Remove(kind);
    }
}

/// <summary>A state of a workload that the cluster has to have reached before what it says counts.</summary>
internal sealed record Expectation(ObjectKind Kind, string Uid, long Generation)
{
    public static Expectation Of(JsonObject applied) => new(applied.ObjectKind(), applied.Uid(), applied.Generation());

    public JsonObject? Find(ClusterPicture picture) =>
        picture.Find(Kind, Uid) is { } item && item.Generation() >= Generation ? item : null;
}

/// <summary>Several workloads of one resource as one: the worst speaks for all.</summary>
internal static class HealthSum
{
    public static Health Of(ImmutableArray<Health> all)
    {
        if (all.Length == 1)
            return all[0];
        if (all.FirstOrDefault(h => h is Health.Failed) is { } failed)
            return failed;
        if (all.FirstOrDefault(h => h is Health.Pending) is { } pending)
            return pending;
        int ready = all.Sum(h => h switch { Health.Ready r => r.ReadyCount, Health.Progressing p => p.ReadyCount, _ => 0 });
        int wanted = all.Sum(h => h switch { Health.Ready r => r.Wanted, Health.Progressing p => p.Wanted, _ => 0 });
        if (all.OfType<Health.Progressing>().FirstOrDefault() is { } progressing)
            return new Health.Progressing(ready, wanted, progressing.Reason, [.. all.OfType<Health.Progressing>().SelectMany(p => p.Evidence)]);
        return all.All(h => h is Health.Completed) && all.Length > 0 ? new Health.Completed() : new Health.Ready(ready, wanted);
    }
}
