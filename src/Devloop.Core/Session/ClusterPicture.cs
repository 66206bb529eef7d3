using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>The objects that the watches told of, by kind and uid, and who controls whom.</summary>
internal sealed class ClusterPicture
{
    private const int MostEvents = 500;

    /// <summary>Chains of controllers are two or three long; a circle of references must not go on for ever.</summary>
    private const int LongestChain = 8;

    private readonly Dictionary<ObjectKind, Dictionary<string, JsonObject>> _objects = [];
    private readonly Dictionary<string, JsonObject> _byUid = [];
    private readonly Dictionary<string, HashSet<string>> _controlled = [];
    private readonly List<JsonObject> _events = [];

    /// <summary>Warnings, and whatever is told of claims.</summary>
    public IReadOnlyList<JsonObject> Events => _events;

    public JsonObject? Find(ObjectKind kind, string uid) => _objects.GetValueOrDefault(kind)?.GetValueOrDefault(uid);

    public JsonObject? Find(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>Whether an event is one that says something of an object's health, and is kept.</summary>
    public bool PutEvent(JsonObject happened)
    {
        if (happened.Text("type") != "Warning" && happened.Text("involvedObject", "kind") != "PersistentVolumeClaim")
            return false;
        if (_events.Count >= MostEvents)
            _events.RemoveRange(0, MostEvents / 2);
        _events.RemoveAll(e => e.Uid() == happened.Uid());
        _events.Add(happened);
        return true;
    }

    public void Put(ObjectKind kind, JsonObject item)
    {
        // Items of a list carry neither kind nor version; whoever judges them asks for both.
        item["kind"] ??= kind.Kind;
        item["apiVersion"] ??= kind.ApiVersion;
        string uid = item.Uid();
        Remove(kind, item);
        Dictionary<string, JsonObject> some = _objects.TryGetValue(kind, out Dictionary<string, JsonObject>? known) ? known : _objects[kind] = [];
        some[uid] = item;
        _byUid[uid] = item;
        if (PodOwnership.ControllerOf(item) is { } owner)
            (_controlled.TryGetValue(owner.Uid, out HashSet<string>? children) ? children : _controlled[owner.Uid] = []).Add(uid);
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
        string uid = item.Uid();
        if (_objects.GetValueOrDefault(kind) is not { } some || !some.Remove(uid, out JsonObject? known))
            return;
        _byUid.Remove(uid);
        if (PodOwnership.ControllerOf(known) is { } owner && _controlled.TryGetValue(owner.Uid, out HashSet<string>? siblings) && siblings.Remove(uid) && siblings.Count == 0)
            _controlled.Remove(owner.Uid);
    }

    /// <summary>Everything that an object controls, through others too; those between come before what they control.</summary>
    public ImmutableArray<JsonObject> ControlledBy(string uid)
    {
        var found = ImmutableArray.CreateBuilder<JsonObject>();
        var seen = new HashSet<string> { uid };
        var next = new Queue<string>([uid]);
        while (next.TryDequeue(out string? owner))
        {
            foreach (string child in _controlled.GetValueOrDefault(owner) ?? [])
            {
                if (!seen.Add(child))
                    continue;
                found.Add(_byUid[child]);
                next.Enqueue(child);
            }
        }
        return found.ToImmutable();
    }

    /// <summary>The uids of an object and of those that control it, from itself upwards, as far as they are known.</summary>
    public IEnumerable<string> Upwards(string uid)
    {
        for (int steps = 0; steps < LongestChain && uid.Length > 0; steps++)
        {
            yield return uid;
            uid = Find(uid) is { } item && PodOwnership.ControllerOf(item) is { } owner ? owner.Uid : "";
        }
    }
}

/// <summary>A state of an object that the cluster has to have reached before what it says counts.</summary>
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
        // What is given up soonest comes first.
        if (all.OfType<Health.Failed>().OrderByDescending(f => f.Final).ThenBy(f => f.Patience ?? TimeSpan.Zero).FirstOrDefault() is { } failed)
            return failed;
        if (all.FirstOrDefault(h => h is Health.Pending) is { } pending)
            return pending;
        int ready = all.Sum(h => h switch { Health.Ready r => r.ReadyCount, Health.Progressing p => p.ReadyCount, _ => 0 });
        int wanted = all.Sum(h => h switch { Health.Ready r => r.Wanted, Health.Progressing p => p.Wanted, _ => 0 });
        if (all.OfType<Health.Progressing>().FirstOrDefault() is { } progressing)
            return new Health.Progressing(ready, wanted, progressing.Reason, [.. all.OfType<Health.Progressing>().SelectMany(p => p.Evidence)]);
        return all.All(h => h is Health.Completed) && all.Length > 0 ? new Health.Completed() : new Health.Ready(ready, wanted) { Probed = all.OfType<Health.Ready>().All(r => r.Probed) };
    }
}
